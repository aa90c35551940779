"""Records that many tests read: the flagship's indicator and the province, written out."""

from types import SimpleNamespace as Record

import pandas as pd

from dxanalysis.analysis.panel import family_steps, leading_step

SHARE = Record(
    id="digital_economy_share", title_vi="Tỷ trọng kinh tế số trong GDP/GRDP",
    title_en="Digital economy share of GDP/GRDP", short_vi="Tỷ trọng kinh tế số", short_en="Digital economy share",
    unit="percent", unit_vi="%", unit_en="%", decimals=2, direction=1, lower=0.0, upper=100.0,
    kind="flow_share", evidence_class="",
)
HERE = Record(id="quang-ninh", name_vi="Quảng Ninh", name_en="Quảng Ninh", level="province")


def agreed(panel):
    """Return how many families of methods lead to the same step, for each target of a panel."""
    rows = []
    for (year, target), part in panel.groupby(["target_year", "target"]):
        steps = pd.Series(list(family_steps(part).values()))
        step, agree = leading_step(steps)
        judged = int((steps != "not_available").sum())
        rows.append({"target_year": year, "target": target, "step": step, "agree": agree, "judged": judged,
                     "robust": False, "reason": ""})
    return pd.DataFrame(rows, columns=["target_year", "target", "step", "agree", "judged", "robust", "reason"])
