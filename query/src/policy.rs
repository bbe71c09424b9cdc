//! Policies: who may see what, for which purpose. They are files in Cedar, one a role, and one file of the purposes that are registered;
//! what they may speak of is `policies/model.cedarschema`. Nothing is permitted that no file permits. What follows for a table's rows and
//! columns is made in `rights`, not here.

mod alarm;
mod allowance;
mod purpose;
mod second_factor;
mod written;

use crate::{Error, Principal, Purpose};
pub use alarm::{Alarm, Counts, Within};
pub use allowance::Allowance;
use cedar_policy::{
    Authorizer, Context, Decision, Effect, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicyId, PolicySet, PrincipalConstraint,
    Request, RestrictedExpression, Schema, ValidationMode, Validator,
};
pub use purpose::Registered;
use std::{collections::BTreeMap, fmt, str::FromStr as _};
pub use written::Written;
use wuwei_schema::{SourceFile, nearest};

include!(concat!(env!("OUT_DIR"), "/policies.rs"));

/// What policies may speak of.
const MODEL: &str = include_str!("../policies/model.cedarschema");
/// The file that binds every role to its purpose; it can only forbid.
const PURPOSE: &str = "purpose.cedar";
/// The file of purposes.
const PURPOSES: &str = "purposes.toml";
/// The file of what questions may take. Without it there are no limits but those of the program.
const LIMITS: &str = "limits.toml";
/// The file of alarms; where a folder has none, the one carried holds.
const ALARMS: &str = "alarms.toml";
/// The file of who signs in with a second factor; where a folder has none, the one carried holds.
const SECOND_FACTOR: &str = "second_factor.toml";

/// Every policy and purpose of a hub.
pub struct Policies {
    set: PolicySet,
    /// Name of the role by its file's.
    roles: Vec<String>,
    purposes: Vec<Registered>,
    allowances: Vec<Allowance>,
    alarms: Vec<Alarm>,
    second_factor: Vec<String>,
    authorizer: Authorizer,
}

/// What may be permitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// See rows.
    Read,
    /// See values instead of masks.
    Clear,
    /// See how many rows there are.
    Count,
}

/// One part of a table that is asked for. Texts that do not apply are empty.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Part<'a> {
    pub(crate) table: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) department: &'a str,
    pub(crate) class: &'a str,
    pub(crate) column: &'a str,
    pub(crate) located: bool,
}

impl Policies {
    /// The policies that the program carries.
    ///
    /// # Errors
    /// See [`Policies::parse`].
    pub fn embedded() -> Result<Policies, Error> {
        // A test checks them against the model, so that not every start of the program need do it.
        Policies::read(&files())
    }

    /// The policies of these files: `<role>.cedar`, `purpose.cedar`, `purposes.toml`, and `limits.toml` and `alarms.toml` if they are there.
    ///
    /// # Errors
    /// A file is missing or wrong; a policy speaks of what there is not, permits anybody but the role its file is called after, or
    /// `purpose.cedar` permits something.
    pub fn parse(files: &[SourceFile]) -> Result<Policies, Error> {
        let policies = Policies::read(files)?;
        policies.check()?;
        Ok(policies)
    }

    fn read(files: &[SourceFile]) -> Result<Policies, Error> {
        let (mut set, mut roles, mut purposes, mut allowances, mut alarms) = (PolicySet::new(), Vec::new(), None, Vec::new(), None);
        let second_factor = second_factor::of(files)?;
        for file in files {
            if file.name == PURPOSES {
                purposes = Some(purpose::parse(file)?);
            } else if file.name == LIMITS {
                allowances = allowance::parse(file)?;
            } else if file.name == ALARMS {
                alarms = Some(alarm::parse(file)?);
            } else if let Some(role) = file.name.strip_suffix(".cedar") {
                add(&mut set, file, role)?;
                roles.extend((file.name != PURPOSE).then(|| role.to_owned()));
            }
        }
        for (found, name) in [(purposes.is_some(), PURPOSES), (files.iter().any(|file| file.name == PURPOSE), PURPOSE)] {
            if !found {
                return Err(wrong(
                    name,
                    "it is missing",
                    "without it nothing can be permitted; begin with the one that the program carries",
                ));
            }
        }
        if let Some(unknown) = allowances.iter().find_map(|allowance| allowance.unknown_role(&roles)) {
            return Err(wrong(LIMITS, &format!("there is no role `{unknown}`"), &nearest(unknown, roles.iter().map(String::as_str))));
        }
        let carried = || files_of(ALARMS).map_or(Ok(Vec::new()), |file| alarm::parse(&file));
        let alarms = alarms.map_or_else(carried, Ok)?;
        let purposes = purposes.unwrap_or_default();
        Ok(Policies { set, roles, purposes, allowances, alarms, second_factor, authorizer: Authorizer::new() })
    }

    /// Holds every policy against the model of what there is.
    fn check(&self) -> Result<(), Error> {
        let (schema, _) =
            Schema::from_cedarschema_str(MODEL).map_err(|_| Error::Engine { detail: "the model of policies cannot be read" })?;
        let checked = Validator::new(schema).validate(&self.set, ValidationMode::default());
        match checked.validation_errors().next() {
            None => Ok(()),
            Some(slip) => {
                let file = slip.policy_id().to_string();
                let file = file.split('#').next().unwrap_or_default().to_owned();
                Err(wrong(&file, &line(&slip.to_string()), "`model.cedarschema` says what there is"))
            }
        }
    }

    /// The roles, in order.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles.iter().map(String::as_str)
    }

    /// The registered purposes as they are stated, each with the roles that may state it.
    pub fn purposes(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.purposes.iter().map(|purpose| (purpose.name.as_str(), purpose.roles.as_slice()))
    }

    /// The purposes that this principal may state on that day (`2026-11-28`), each with its legal basis.
    pub fn purposes_of<'a>(&'a self, principal: &'a Principal, day: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.purposes.iter().filter(|purpose| purpose.is_for(principal, day)).map(|purpose| (purpose.name.as_str(), purpose.basis.as_str()))
    }

    /// What a question of this principal may take, by their role.
    pub fn allowed(&self, principal: &Principal) -> Allowance {
        let of = |role: Option<&str>| self.allowances.iter().find(|allowance| role.is_some_and(|role| allowance.is_of(role)));
        if principal.is_program() {
            return Allowance::default();
        }
        of(principal.role()).or_else(|| of(Some(allowance::OTHERS))).cloned().unwrap_or_default()
    }

    /// The limits by role.
    pub fn allowances(&self) -> &[Allowance] {
        &self.allowances
    }

    /// The purposes as they are registered.
    pub fn registry(&self) -> &[Registered] {
        &self.purposes
    }

    /// The roles that sign in with a second factor.
    pub fn second_factor(&self) -> &[String] {
        &self.second_factor
    }

    /// The alarms, for [`crate::Audit::watch`].
    pub fn alarms(&self) -> &[Alarm] {
        &self.alarms
    }

    /// The purpose as it is registered, if this principal may state it on that day (`2026-11-28`).
    pub(crate) fn registered(&self, principal: &Principal, purpose: &Purpose, day: &str) -> Result<&Registered, Error> {
        let role = principal.role().unwrap_or_default();
        if !self.roles.iter().any(|known| known == role) {
            let hint = nearest(role, self.roles());
            return Err(Error::Denied { what: "there is no policy for the role of whoever asks".to_owned(), hint });
        }
        let mine = || self.purposes.iter().filter(|purpose| purpose.is_for(principal, day));
        mine().find(|registered| registered.name == purpose.as_str()).ok_or_else(|| {
            let names: Vec<String> = mine().map(|purpose| format!("`{}`", purpose.name)).collect();
            let hint = if names.is_empty() { "none is".to_owned() } else { format!("these are: {}", names.join(", ")) };
            Error::Denied {
                what: "the purpose is not registered for whoever asks".to_owned(),
                hint: format!("{hint}; `purposes.toml` registers them"),
            }
        })
    }

    /// Whether something of a table is permitted.
    pub(crate) fn may(&self, asker: &Asker, action: Action, part: Part<'_>) -> Result<bool, Error> {
        let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
        let namespace = part.table.split_once('.').map_or("", |(namespace, _)| namespace);
        let context = [
            ("namespace", text(namespace)),
            ("type", text(part.kind)),
            ("department", text(part.department)),
            ("class", text(part.class)),
            ("column", text(part.column)),
            ("located", RestrictedExpression::new_bool(part.located)),
            ("purpose", text(&asker.purpose.name)),
            ("needed", RestrictedExpression::new_bool(asker.purpose.needs(part))),
        ];
        let action = match action {
            Action::Read => "read",
            Action::Clear => "clear",
            Action::Count => "count",
        };
        self.decide(asker, action, uid("Table", part.table)?, context)
    }

    /// Whether a verb of the program may be used.
    pub(crate) fn may_run(&self, asker: &Asker, verb: &str) -> Result<bool, Error> {
        self.decide(asker, "run", uid("Verb", verb)?, [("purpose", RestrictedExpression::new_string(asker.purpose.name.clone()))])
    }

    /// A policy that cannot be evaluated permits nothing, and neither do the others.
    fn decide<const N: usize>(
        &self,
        asker: &Asker,
        action: &str,
        resource: EntityUid,
        context: [(&str, RestrictedExpression); N],
    ) -> Result<bool, Error> {
        let context = Context::from_pairs(context.into_iter().map(|(key, value)| (key.to_owned(), value))).map_err(failed)?;
        let request = Request::new(asker.user.clone(), uid("Action", action)?, resource, context, None).map_err(failed)?;
        let response = self.authorizer.is_authorized(&request, &self.set, &asker.entities);
        match response.diagnostics().errors().next() {
            Some(error) => Err(failed(error)),
            None => Ok(response.decision() == Decision::Allow),
        }
    }
}

impl fmt::Debug for Policies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policies").field("roles", &self.roles).finish_non_exhaustive()
    }
}

/// Who asks, as Cedar sees them, and the purpose that they stated.
#[derive(Debug)]
pub(crate) struct Asker {
    user: EntityUid,
    entities: Entities,
    pub(crate) purpose: Registered,
}

impl Asker {
    pub(crate) fn new(principal: &Principal, purpose: &Registered) -> Result<Asker, Error> {
        let user = uid("User", principal.name())?;
        let role = uid("Role", principal.role().unwrap_or_default())?;
        let said = |text: Option<&str>| RestrictedExpression::new_string(text.unwrap_or_default().to_owned());
        let attributes = [("department", said(principal.department())), ("area", said(principal.area()))];
        let attributes = attributes.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let entity = Entity::new(user.clone(), attributes, [role.clone()].into()).map_err(failed)?;
        let entities = Entities::from_entities([entity, Entity::new_no_attrs(role, [].into())], None).map_err(failed)?;
        Ok(Asker { user, entities, purpose: purpose.clone() })
    }
}

/// The files that the program carries.
pub(crate) fn files() -> Vec<SourceFile> {
    POLICIES.iter().map(|(name, text)| SourceFile { name: (*name).to_owned(), text: (*text).to_owned() }).collect()
}

/// The file of that name that the program carries.
fn files_of(name: &str) -> Option<SourceFile> {
    files().into_iter().find(|file| file.name == name)
}

/// Adds the policies of a file, each under the file's name and its place in it.
fn add(set: &mut PolicySet, file: &SourceFile, role: &str) -> Result<(), Error> {
    let parsed = PolicySet::from_str(&file.text).map_err(|slip| wrong(&file.name, &line(&slip.to_string()), "it is written in Cedar"))?;
    if parsed.templates().next().is_some() {
        return Err(wrong(&file.name, "it has a template", "write the policy out"));
    }
    let mut policies: BTreeMap<String, _> = parsed.policies().map(|policy| (policy.id().to_string(), policy)).collect();
    for (id, policy) in std::mem::take(&mut policies) {
        let own = PrincipalConstraint::In(uid("Role", role)?);
        match policy.effect() {
            Effect::Permit if file.name == PURPOSE => {
                return Err(wrong(&file.name, "it permits something", "permit it in the file of a role"));
            }
            Effect::Permit if policy.principal_constraint() != own => {
                return Err(wrong(&file.name, "it permits others than its role", &format!("write `principal in Role::\"{role}\"`")));
            }
            _ => {}
        }
        set.add(policy.new_id(PolicyId::new(format!("{}#{id}", file.name)))).map_err(failed)?;
    }
    Ok(())
}

fn uid(kind: &str, id: &str) -> Result<EntityUid, Error> {
    Ok(EntityUid::from_type_name_and_id(EntityTypeName::from_str(kind).map_err(failed)?, EntityId::new(id)))
}

fn wrong(file: &str, detail: &str, hint: &str) -> Error {
    Error::Policy { file: file.to_owned(), detail: detail.to_owned(), hint: hint.to_owned() }
}

fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Cedar's own words may hold attributes of whoever asks, so they are not passed on.
fn failed(_: impl std::error::Error) -> Error {
    let hint = "whoever keeps the policies has to mend them".to_owned();
    Error::Denied { what: "a policy cannot be evaluated, so nothing is permitted".to_owned(), hint }
}

#[cfg(test)]
mod tests;
