"""The Vietnamese words of the trends page; the same keys as `layers.words_trends_en`."""

from typing import Final

TRENDS_VI: Final[dict[str, str]] = {
    "page_trends": "Xu hướng",
    "trends_title": "Ai đang tụt lại, ai đang bắt kịp",
    "trends_hint": "Mỗi đơn vị được so với trung vị của cả danh sách qua các quý. “Tụt lại” chỉ được nói khi khoảng cách rộng thêm với độ tin cậy 90%, qua ít nhất bốn quý. Tốc độ của một đơn vị tụt lại vẫn có thể tăng, chỉ là tăng chậm hơn.",
    "trend_network": "Mạng",
    "trend_network_mobile": "Di động",
    "trend_network_fixed": "Cố định (Wi-Fi)",
    "trend_show": "Hiện",
    "trend_show_all": "Tất cả",
    "trend_axis": "Mbps mỗi năm, khoảng 90%",
    "trend_per_year": "{trend} Mbps mỗi năm",
    "trend_now": "Tốc độ hiện nay",
    "trend_quarters": "Số quý có phép đo",
    "trend_chart": "Mỗi năm nhanh thêm bao nhiêu",
    "trend_chart_hint": "Chấm là ước lượng, vạch là khoảng 90%. Bấm một chấm để chọn đơn vị trên bản đồ.",
    "trend_multiples": "Từng đơn vị qua các quý",
    "trend_multiples_hint": "Đường đậm: trung bình đo được của đơn vị theo quý. Đường nhạt: trung vị của danh sách. Cùng một thang đo, từ 0.",
    "trend_scale": "Đỉnh thang: {top}; các quý từ {first} đến {last}.",
    "trend_more": "Đang hiện {shown} trên {count} đơn vị; bảng bên dưới có đủ.",
    "trend_table": "Bảng xu hướng",
    "trend_none": "Chưa có đơn vị nào có xu hướng: cần phép đo của ít nhất bốn quý.",
    "trend_empty": "Không có đơn vị nào thuộc nhóm này.",
    "trends_csv": "Tải CSV",
}
