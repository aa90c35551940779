"""Records that many tests read: the flagship's indicator and the province, written out."""

from types import SimpleNamespace as Record

SHARE = Record(
    id="digital_economy_share", title_vi="Tỷ trọng kinh tế số trong GDP/GRDP",
    title_en="Digital economy share of GDP/GRDP", short_vi="Tỷ trọng kinh tế số", short_en="Digital economy share",
    unit="percent", unit_vi="%", unit_en="%", decimals=2, direction=1, lower=0.0, upper=100.0,
)
HERE = Record(id="quang-ninh", name_vi="Quảng Ninh", name_en="Quảng Ninh", level="province")
