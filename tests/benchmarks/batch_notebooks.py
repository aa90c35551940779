"""Notebooks for measuring the batch runner: a realistic one, and light ones that only cost what a run itself costs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

REALISTIC = [
    "import io\n\nimport matplotlib.pyplot as plt\nimport numpy as np\nimport pandas as pd\nimport seaborn as sns\n"
    "import statsmodels.api as sm\nimport statsmodels.formula.api as smf",
    "rng = np.random.default_rng(year)\nyears = np.arange(2000, year + 1)",
    "table = pd.DataFrame({'year': np.repeat(years, 12), 'month': np.tile(np.arange(1, 13), len(years))})\n"
    "table['share'] = 5 + 0.4 * (table['year'] - 2000) + rng.normal(0, 1, len(table))\ntable.head()",
    "text = table.to_csv(index=False)\ntable = pd.read_csv(io.StringIO(text))\ntable.describe()",
    "by_year = table.groupby('year', as_index=False)['share'].agg(['mean', 'std', 'min', 'max'])\nby_year.tail()",
    "by_year['growth'] = by_year['mean'].pct_change() * 100\nby_year.round(2).tail(3)",
    "figure, axes = plt.subplots(figsize=(7, 4))\naxes.plot(by_year['year'], by_year['mean'], 'o-', label=area)\n"
    "axes.fill_between(by_year['year'], by_year['min'], by_year['max'], alpha=0.2)\naxes.legend()\n"
    "axes.set(title='Tỷ trọng kinh tế số', xlabel='year', ylabel='%')\nplt.show()",
    "line = smf.ols('share ~ year', table).fit()\nline.params.round(4)",
    "line.conf_int().round(4)",
    "monthly = table['share'].to_numpy()\nmodel = sm.tsa.SARIMAX(monthly, order=(1, 1, 1), trend='t').fit(disp=False)\n"
    "model.params.round(3)",
    "forecast = model.get_forecast(24).summary_frame(alpha=0.2)\nforecast.round(2).tail(3)",
    "grid = table.pivot(index='year', columns='month', values='share')\nfigure, axes = plt.subplots(figsize=(7, 5))\n"
    "sns.heatmap(grid, cmap='cividis', ax=axes)\nplt.show()",
    "figure, axes = plt.subplots(figsize=(7, 4))\nsns.lineplot(table, x='year', y='share', errorbar=('ci', 80), "
    "n_boot=100, seed=1, ax=axes)\nplt.show()",
    "wide = grid.corr().round(2)\nwide.iloc[:3, :3]",
    "summary = {'area': area, 'year': year, 'mean': round(float(by_year['mean'].iloc[-1]), 3)}\nsummary",
]
LIGHT = ["import math\nimport os", "total = sum(math.sqrt(i) for i in range(1000))\nprint(area, year, round(total, 3))"]


def realistic(path: Path) -> Path:
    """Write a notebook of 15 code cells with pandas, matplotlib, seaborn, statsmodels and three charts."""
    return write(path, REALISTIC)


def light(path: Path) -> Path:
    """Write a notebook that does next to nothing."""
    return write(path, LIGHT)


def write(path: Path, sources: list[str], parameters: str = 'area: str = "quang-ninh"\nyear: int = 2025') -> Path:
    """Write a notebook with a parameters cell and the given code cells."""
    cells = [_cell("parameters", parameters, ["parameters"])]
    cells += [_cell(f"cell-{number}", source, []) for number, source in enumerate(sources, 1)]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    content = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def _cell(name: str, source: str, tags: list[str]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name,
        "metadata": {"tags": tags},
        "outputs": [],
        "source": source,
    }
