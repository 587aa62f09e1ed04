"""The main script: runs before every page, and hands over to the one that was asked for.

It stays out of the repository's root, because a `pages/` directory beside the main script switches
on Streamlit's old navigation, which breaks the first deep link after a server start.
"""

import streamlit as st

from ui.drawing.stylesheet import stylesheet
from ui.page.moved import translated
from ui.page.registry import GROUPS, HOME, PAGES, QUESTIONS, ROOT, entry_of
from ui.page.toolbar import close_all_but
from ui.server.limits import FULL
from ui.state.address_bar import leave_all_but
from ui.state.fields import encode_value

# An icon of our own: Streamlit would fetch the picture of a named one from fonts.gstatic.com.
icon = ROOT / "ui" / "icon.svg"
st.set_page_config(page_title="Batch Norm Lab", page_icon=icon, layout="wide")
st.logo(icon)
if told := st.context.headers.get(FULL):
    st.warning(told, icon=":material/groups:")
    st.stop()
st.html(f"<style>{stylesheet()}</style>")

pages = {
    entry: st.Page(
        entry.script,
        title=entry.title,
        icon=entry.icon,
        url_path=entry.url_path or None,
        default=entry is HOME,
        help=entry.question or entry.hint,
    )
    for entry in PAGES
}
groups = {group: [pages[e] for e in QUESTIONS if e.group == group] for group in GROUPS}
page = st.navigation({"": [pages[HOME]], **groups}, position="top")
if moved := translated(page.url_path, st.query_params.to_dict()):
    name, settings = moved
    query = {setting: encode_value(value) for setting, value in settings.items()}
    st.switch_page(pages[entry_of(name)], query_params=query)
leave_all_but(page.url_path)
close_all_but(page.url_path)
page.run()
