"""The Vietnamese words of the export page; the same keys as `layers.words_take_en`."""

from typing import Final

TAKE_VI: Final[dict[str, str]] = {
    "page_export": "Xuất",
    "filter_verdict": "Kết luận: {words}",
    "filter_district": "Huyện: {words}",
    "filter_covers": "{operator} phủ {technology} cho ít nhất một nửa dân số",
    "filter_covers_not": "{operator} chưa phủ {technology} cho một nửa dân số",
    "filter_border_yes": "Chạm ranh giới quốc gia (biên giới hoặc bờ biển)",
    "filter_border_no": "Không chạm ranh giới quốc gia",
    "filter_remote": "Cách đô thị từ {km} km trở lên",
    "filter_side_<": "{name} dưới {value}",
    "filter_side_<=": "{name} không quá {value}",
    "filter_side_>": "{name} trên {value}",
    "filter_side_>=": "{name} từ {value} trở lên",
    "sheet_list": "Đơn vị {level}, danh sách {vintage}",
    "sheet_outside": "Ngoài bộ lọc: không tô màu, không tính vào chú giải",
    "take_count": "Bộ lọc chọn {units} trên {of} đơn vị",
    "take_not_known": "{count} đơn vị chưa biết số liệu của một điều kiện nên không được chọn",
    "sheet_outside_short": "ngoài bộ lọc",
    "sheet_table": "Bảng số liệu ({count} đơn vị)",
}
