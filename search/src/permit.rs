//! Whom, and by what, whoever asks may find. An index knows everybody and everything; it is asked as if it knew only what is permitted, so
//! that no hit, count, order or facet depends on anything else.

use crate::Index;

/// What whoever asks may find people by.
#[derive(Clone, Copy)]
pub struct Permit<'a> {
    /// Whether by that property, as that department states it.
    pub by: &'a dyn Fn(&str, &str) -> bool,
    /// Whether that entity.
    pub whom: &'a dyn Fn(i64) -> bool,
}

impl Permit<'static> {
    /// Everybody by everything.
    pub const ALL: Permit<'static> = Permit { by: &|_, _| true, whom: &|_| true };
}

impl std::fmt::Debug for Permit<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Permit").finish_non_exhaustive()
    }
}

/// A permit held against the properties and departments of an index: asked once each, not once a document.
pub(crate) struct Permitted<'a> {
    /// By place of the property, then by place of the department.
    pub(crate) by: Vec<Vec<bool>>,
    pub(crate) whom: &'a dyn Fn(i64) -> bool,
}

impl<'a> Permitted<'a> {
    pub(crate) fn of(permit: &Permit<'a>, only: &[String], index: &Index) -> Permitted<'a> {
        // A department that was named leaves no other.
        let asked = |department: &str| only.is_empty() || only.iter().any(|only| only == department);
        let of_property = |property: &str| {
            let departments = index.departments.iter();
            departments.map(|department| asked(department) && (permit.by)(property, department)).collect()
        };
        Permitted { by: index.fields.searched.iter().map(|searched| of_property(&searched.name)).collect(), whom: permit.whom }
    }

    /// The departments that may be believed on that property, by place.
    pub(crate) fn departments(&self, property: usize) -> &[bool] {
        self.by.get(property).map_or(&[], Vec::as_slice)
    }

    /// Whether any department may be believed on it.
    pub(crate) fn any(&self, property: usize) -> bool {
        self.departments(property).contains(&true)
    }
}
