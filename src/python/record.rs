//! Fields of records, as numpy describes them: lists of `(name, dtype or list)` or `(name, dtype or list, shape)`, a name
//! with a title `(title, name)`.

use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use crate::error::Result;
use crate::record::{Element, Field, Record};

/// numpy's description of a record.
pub(super) fn to_py<'py>(py: Python<'py>, record: &Record) -> PyResult<Bound<'py, PyList>> {
    let fields = PyList::empty(py);
    for field in record.fields() {
        let name = match field.title() {
            Some(title) => (title, field.name()).into_pyobject(py)?.into_any(),
            None => field.name().into_pyobject(py)?.into_any(),
        };
        let element = match field.element() {
            Element::Plain(dtype) => dtype.to_string().into_pyobject(py)?.into_any(),
            Element::Record(record) => to_py(py, record)?.into_any(),
        };
        match field.shape() {
            [] => fields.append((name, element))?,
            shape => fields.append((name, element, PyTuple::new(py, shape)?))?,
        }
    }
    Ok(fields)
}

/// The record that numpy describes so.
pub(super) fn from_py(fields: &Bound<'_, PyAny>) -> PyResult<Record> {
    let fields = fields.try_iter()?;
    let fields = fields
        .map(|field| field_from_py(&field?))
        .collect::<PyResult<_>>()?;
    Ok(Record::new(fields)?)
}

fn field_from_py(field: &Bound<'_, PyAny>) -> PyResult<Field> {
    let name = field.get_item(0)?;
    let (title, name) = match name.extract::<(String, String)>() {
        Ok((title, name)) => (Some(title), name),
        Err(_) => (None, name.extract()?),
    };
    let element = field.get_item(1)?;
    let element = match element.extract::<String>() {
        Ok(dtype) => Element::Plain(plain(&dtype)?),
        Err(_) => Element::Record(from_py(&element)?),
    };
    let shape: Vec<u64> = match field.len()? {
        2 => Vec::new(),
        _ => field.get_item(2)?.extract()?,
    };
    Ok(Field::new(name, element, shape).with_title(title))
}

fn plain(dtype: &str) -> Result<crate::dtype::DType> {
    dtype.parse()
}
