"""The Vietnamese words of the guided start and the states of the app; the same keys as `layers.words_guide_en`."""

from typing import Final

GUIDE_VI: Final[dict[str, str]] = {
    "guide_title": "Bắt đầu trong một phút",
    "guide_lead": "Màu càng nóng càng tụt hậu. Bấm vào một xã để xem vì sao.",
    "guide_worst": "1. Xem xã tụt hậu nhất",
    "guide_worst_help": "Mở bảng lý do và bằng chứng của xã đứng đầu danh sách",
    "guide_gaps": "2. Chỉ giữ các vùng lõm",
    "guide_gaps_help": "Làm mờ các đơn vị khác trên bản đồ; bảng bên dưới chỉ còn vùng lõm",
    "guide_take": "3. Tải GeoJSON vùng lõm",
    "guide_take_help": "Tệp mở được bằng QGIS, kèm nguồn, ngày và cách tính",
    "guide_own": "4. Dùng dữ liệu của bạn",
    "guide_own_help": "Ba bước: ranh giới, số liệu, tính và xem",
    "guide_close": "Đóng",
    "fault_unforeseen": "Có lỗi ngoài dự kiến khi vẽ phần này; số liệu và dữ liệu của bạn không đổi. Hãy tải lại trang; nếu vẫn lỗi, hãy báo người quản trị mã {reference}: nhật ký của máy chủ ghi đủ chi tiết dưới mã ấy.",
}
