//! The lists of named arrays in a dataset's document: which there are, what they are, and in which order.

use std::collections::HashSet;

use super::json::{Json, Object};
use super::names::Association;
use super::target::{Target, numpy_name};
use crate::array::{ArraySpec, Order};

/// The member that says that an array was in Fortran order, of what a document says of it; `.npy` spells it so, too.
const FORTRAN_ORDER: &str = "fortran_order";

/// Lists a named array, which is not listed yet, in the document of its dataset.
pub(crate) fn add_key(
    document: &mut Object,
    association: Association,
    key: &str,
    spec: &ArraySpec,
    target: Target,
) {
    key_list(document, association).push(key, description(spec, target));
}

/// Describes a named array anew, in its place.
pub(crate) fn replace_key(
    document: &mut Object,
    association: Association,
    key: &str,
    spec: &ArraySpec,
    target: Target,
) {
    key_list(document, association).set(key, description(spec, target));
}

/// What a document says of a named array.
fn description(spec: &ArraySpec, target: Target) -> Json {
    let mut description = Object::default();
    let axes = spec.shape().iter().map(|axis| Json::number(*axis));
    description.push("shape", Json::Array(axes.collect()));
    description.push("dtype", Json::string(&numpy_name(spec.dtype())));
    if spec.order() == Order::F && target == Target::Native {
        description.push(FORTRAN_ORDER, Json::Bool(true));
    }
    Json::Object(description)
}

/// Takes the orders of its named arrays off a document.
pub(crate) fn remove_orders(document: &mut Object, association: Association) {
    if let Some(Json::Object(list)) = document.get_mut(association.member()) {
        for description in list.values_mut() {
            if let Json::Object(description) = description {
                description.remove(FORTRAN_ORDER);
            }
        }
    }
}

/// The order that a document says that a named array had.
fn stated_order(description: &Json) -> Order {
    let stated = description.as_object().and_then(|of| of.get(FORTRAN_ORDER));
    match stated {
        Some(Json::Bool(true)) => Order::F,
        _ => Order::C,
    }
}

fn key_list(document: &mut Object, association: Association) -> &mut Object {
    let member = association.member();
    if document.get(member).and_then(Json::as_object).is_none() {
        document.set(member, Json::Object(Object::default()));
    }
    match document.get_mut(member) {
        Some(Json::Object(keys)) => keys,
        _ => unreachable!("the member was set to an object"),
    }
}

/// Takes a named array off the document of its dataset, out of its active attributes too.
pub(crate) fn remove_key(document: &mut Object, association: Association, key: &str) {
    if let Some(Json::Object(keys)) = document.get_mut(association.member()) {
        keys.remove(key);
    }
    for attribute in ["scalars", "vectors", "texture_coordinates", "normals"] {
        let member = format!("{}_active_{attribute}_name", association.name());
        if document.get(&member).and_then(Json::as_text).as_deref() == Some(key) {
            document.set(&member, Json::Null);
        }
    }
}

/// The named arrays that a document lists, and the order that it says they had.
pub(super) fn keys(document: &Object, association: Association) -> Vec<(String, Order)> {
    let Some(keys) = document.get(association.member()).and_then(Json::as_object) else {
        return Vec::new();
    };
    let with_order = |(key, description)| (key, stated_order(description));
    let keys: Vec<(String, Order)> = keys.members().map(with_order).collect();
    // A name listed twice is one array: there can be only one frame of that name.
    let distinct: HashSet<&str> = keys.iter().map(|(key, _)| key.as_str()).collect();
    if distinct.len() == keys.len() {
        return keys;
    }
    let mut seen = HashSet::new();
    keys.into_iter()
        .filter(|(key, _)| seen.insert(key.clone()))
        .collect()
}

/// The names of such arrays alone.
pub(super) fn names(keys: Vec<(String, Order)>) -> Vec<String> {
    keys.into_iter().map(|(key, _)| key).collect()
}
