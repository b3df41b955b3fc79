"""Templates: every html of the package passes here, and everything put into it is escaped."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from nnarch_nb.views import numbers, theme
from nnarch_nb.views.readable import readable


@cache
def environment() -> Environment:
    """Return the templates' environment: autoescape on, an unknown name an error."""
    env = Environment(
        loader=PackageLoader("nnarch_nb.views"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for function in (numbers.count, numbers.short, numbers.percent, numbers.shape, numbers.seconds):
        env.filters[function.__name__] = function
    env.globals["family_colour"] = theme.family_colour
    return env


def render(template: str, **values: Any) -> str:
    """Return the template filled with the values, whatever characters are in them."""
    return readable(environment().get_template(template).render(**values))


def page(html: str, title: str) -> str:
    """Return a whole page around a result's html; it opens offline."""
    return render("page.html.j2", body=Markup(html), title=title)
