//! What is kept back from whoever reads a file, by the policies: types, departments and fields, whether there is something of them or not.

use super::told::Hidden;
use crate::console::{
    guest::Visit,
    page::Page,
    screen::search::{department, property_of},
};

/// Of which types, what of them is not shown, and what is masked.
#[derive(Debug)]
pub(crate) struct Withheld {
    pub(crate) of: String,
    pub(crate) hidden: String,
    pub(crate) masked: String,
}

/// What is kept back, so that a file does not look complete when it is not.
pub(super) fn withheld(page: &Page, visit: &Visit, own: &str, hidden: &Hidden) -> Withheld {
    let hub = visit.guest.console.state.hub();
    let model = &hub.definitions.model;
    let kind = |name: &String| {
        model.entity(name).map_or_else(|| page.of_key("withheld", name), |kind| page.language.label(&kind.label).to_owned())
    };
    let field = |name: &String| property_of(page, model.entity(own), name);
    let when = |is_so: bool, key: &'static str| is_so.then(|| page.of_key("withheld", key));
    let departments = hidden.departments.iter().map(|code| department(page, visit, code));
    let whole = [when(hidden.closed, "closed"), when(hidden.elsewhere, "elsewhere")].into_iter().flatten();
    // Fields say more than the classes that they are of.
    let masked: Vec<String> = match hidden.fields.is_empty() {
        true => hidden.classes.iter().map(|class| page.of_key("seen", class)).collect(),
        false => hidden.fields.iter().map(field).collect(),
    };
    let and = page.t("sign.and");
    Withheld {
        of: hidden.of.iter().map(kind).collect::<Vec<_>>().join(and),
        hidden: whole.chain(departments).collect::<Vec<_>>().join(and),
        masked: masked.into_iter().chain(when(hidden.minors, "minors")).collect::<Vec<_>>().join(and),
    }
}
