//! The three generated files, before formatting.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use anyhow::{Context as _, Result, bail, ensure};

use crate::{
    model::{Auth, Kind, Model, Reference, Shape},
    names, pattern,
};

pub(crate) struct Emitter<'a> {
    model: &'a Model,
    /// The shapes that inputs reach: those get a descriptor.
    inputs: BTreeSet<&'a str>,
    /// The shapes that inputs or outputs reach: those get a type.
    all: BTreeSet<&'a str>,
}

impl<'a> Emitter<'a> {
    pub(crate) fn new(model: &'a Model) -> Result<Self> {
        let mut inputs = BTreeSet::new();
        let mut all = BTreeSet::new();
        for operation in model.operations.values() {
            reach(model, &operation.input, &mut inputs, &mut Vec::new())?;
            reach(model, &operation.input, &mut all, &mut Vec::new())?;
            if let Some(output) = &operation.output {
                reach(model, output, &mut all, &mut Vec::new())?;
            }
        }
        Ok(Self { model, inputs, all })
    }

    /// The operations and what each of them takes and gives.
    pub(crate) fn operations(&self) -> Result<String> {
        let operations = &self.model.operations;
        let mut out = String::from(
            "use super::{shapes, types};\n\
             use crate::operation::{Auth, Entry, OperationInput};\n\n\
             /// An operation of the service.\n\
             #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]\n\
             pub enum Operation {\n",
        );
        for name in operations.keys() {
            writeln!(out, "{name},")?;
        }
        out.push_str(
            "}\n\nimpl Operation {\n\
             /// Every operation, ordered by name.\n\
             pub const ALL: &'static [Self] = &[\n",
        );
        for name in operations.keys() {
            writeln!(out, "Self::{name},")?;
        }
        out.push_str(
            "];\n\n\
             #[expect(clippy::too_many_lines, reason = \"one arm for each operation\")]\n\
             pub(crate) fn entry(self) -> &'static Entry {\nmatch self {\n",
        );
        for name in operations.keys() {
            writeln!(out, "Self::{name} => &{},", names::screaming(name))?;
        }
        out.push_str(
            "}\n}\n\n\
             /// Reads a request as its own type, for the test that does so with all of them.\n\
             #[cfg(test)]\n\
             #[expect(clippy::too_many_lines, reason = \"one arm for each operation\")]\n\
             pub(crate) fn reads(self, body: &[u8]) -> Result<(), crate::InputError> {\n\
             match self {\n",
        );
        for (name, operation) in operations {
            writeln!(
                out,
                "Self::{name} => crate::parse_input::<types::{}>(body).map(drop),",
                operation.input
            )?;
        }
        out.push_str("}\n}\n}\n");
        for (name, operation) in operations {
            let auth = match operation.auth {
                Auth::SigV4 => "SigV4",
                Auth::None => "None",
            };
            writeln!(
                out,
                "\nstatic {}: Entry = Entry {{ name: {name:?}, auth: Auth::{auth}, \
                 input: &shapes::{}, has_output: {}, read_only: {}, errors: &{:?} }};",
                names::screaming(name),
                names::screaming(&operation.input),
                operation.output.is_some(),
                operation.readonly,
                operation.errors,
            )?;
            let output = match &operation.output {
                Some(output) => format!("types::{output}"),
                None => "()".to_owned(),
            };
            writeln!(
                out,
                "\nimpl OperationInput for types::{} {{\n\
                 type Output = {output};\n\
                 const OPERATION: Operation = Operation::{name};\n}}",
                operation.input
            )?;
        }
        Ok(out)
    }

    /// The descriptors that requests are validated with.
    pub(crate) fn shapes(&self) -> Result<String> {
        let mut out =
            String::from("use crate::shape::{Kind, Length, Member, Pattern, Range, Shape};\n");
        let mut statics = BTreeSet::new();
        // Shapes often share a pattern; each is then compiled once.
        let mut patterns: BTreeMap<(&str, &str), String> = BTreeMap::new();
        for &name in &self.inputs {
            let shape = self.model.shape(name)?;
            if let Some(text) = &shape.pattern {
                let matched = shape.matched.as_ref().unwrap_or(text);
                patterns
                    .entry((text, matched))
                    .or_insert_with(|| format!("PATTERN_OF_{}", names::screaming(name)));
            }
        }
        for ((text, matched), name) in &patterns {
            ensure!(statics.insert(name.clone()), "{name} twice");
            let regex = pattern::translate(matched).with_context(|| matched.to_string())?;
            writeln!(
                out,
                "\nstatic {name}: Pattern = Pattern::new({}, {});",
                raw(text),
                raw(&regex)
            )?;
        }
        out.push_str("\n/// The patterns, for the test that compiles them.\n#[cfg(test)]\n");
        writeln!(out, "pub(crate) static PATTERNS: &[&Pattern] = &[")?;
        for name in patterns.values() {
            writeln!(out, "&{name},")?;
        }
        out.push_str("];\n");
        for &name in &self.inputs {
            let shape = self.model.shape(name)?;
            let ident = names::screaming(name);
            ensure!(statics.insert(ident.clone()), "{ident} twice");
            let kind = shape_kind(shape, &patterns).with_context(|| name.to_owned())?;
            out.push('\n');
            if let Some(reason) = shape.reason {
                comment(&mut out, reason)?;
            }
            writeln!(
                out,
                "pub(crate) static {ident}: Shape = Shape {{ name: {name:?}, sensitive: {}, \
                 kind: {kind} }};",
                shape.sensitive
            )?;
        }
        Ok(out)
    }

    /// The structures and enumerations.
    pub(crate) fn types(&self) -> Result<String> {
        let mut out = String::from(
            "use std::collections::BTreeMap;\n\n\
             use serde::{Deserialize, Serialize};\n\n\
             use crate::{Blob, EpochSeconds, Sensitive, wire_enum::wire_enum};\n",
        );
        for &name in &self.all {
            let shape = self.model.shape(name)?;
            match shape.kind {
                Kind::Structure if !shape.document => self.structure(&mut out, name, shape)?,
                Kind::String if !shape.values.is_empty() => enumeration(&mut out, name, shape)?,
                _ => {}
            }
        }
        Ok(out)
    }

    fn structure(&self, out: &mut String, name: &str, shape: &Shape) -> Result<()> {
        out.push('\n');
        if let Some(reason) = shape.reason {
            comment(out, reason)?;
        }
        let default = if self.has_default(name)? { "Default, " } else { "" };
        let renamed = shape
            .members
            .iter()
            .any(|(member, _)| names::serde_pascal(&names::field(member)) == *member);
        writeln!(out, "#[derive(Debug, Clone, PartialEq, {default}Serialize, Deserialize)]")?;
        if renamed {
            out.push_str("#[serde(rename_all = \"PascalCase\")]\n");
        }
        if shape.members.is_empty() {
            writeln!(out, "pub struct {name} {{}}")?;
            return Ok(());
        }
        writeln!(out, "pub struct {name} {{")?;
        let mut fields = BTreeSet::new();
        for (member, reference) in &shape.members {
            let field = names::field(member);
            ensure!(fields.insert(field.clone()), "{name}.{member}: its field is taken");
            let mut attributes = Vec::new();
            let as_is = if renamed { names::serde_pascal(&field) } else { field.clone() };
            if as_is != *member {
                attributes.push(format!("rename = {member:?}"));
            }
            let mut rust = self.rust_type(reference, shape.sensitive || shape.redacted)?;
            if !shape.required.contains(member) {
                rust = format!("Option<{rust}>");
                attributes.push("skip_serializing_if = \"Option::is_none\"".to_owned());
            }
            if !attributes.is_empty() {
                writeln!(out, "#[serde({})]", attributes.join(", "))?;
            }
            writeln!(out, "pub {field}: {rust},")?;
        }
        out.push_str("}\n");
        Ok(())
    }

    /// The Rust type of a reference. What lies within something sensitive is sensitive.
    fn rust_type(&self, reference: &Reference, sensitive: bool) -> Result<String> {
        let shape = self.model.shape(&reference.shape)?;
        let sensitive = sensitive || shape.sensitive || shape.redacted;
        let inner = |reference: &Option<Reference>| {
            self.rust_type(reference.as_ref().context("an incomplete shape")?, sensitive)
        };
        Ok(match shape.kind {
            Kind::Structure if shape.document => "serde_json::Value".to_owned(),
            Kind::Structure => reference.shape.clone(),
            Kind::List => format!("Vec<{}>", inner(&shape.member)?),
            Kind::Map => format!("BTreeMap<String, {}>", inner(&shape.value)?),
            Kind::String if !shape.values.is_empty() => reference.shape.clone(),
            Kind::String if sensitive => "Sensitive".to_owned(),
            Kind::String => "String".to_owned(),
            Kind::Integer => "i32".to_owned(),
            Kind::Long => "i64".to_owned(),
            Kind::Boolean => "bool".to_owned(),
            Kind::Timestamp => "EpochSeconds".to_owned(),
            Kind::Blob => "Blob".to_owned(),
        })
    }

    /// Whether its required members all have a default: enumerations have none.
    fn has_default(&self, name: &str) -> Result<bool> {
        let shape = self.model.shape(name)?;
        for (member, reference) in &shape.members {
            if shape.required.contains(member) {
                let target = self.model.shape(&reference.shape)?;
                let fine = match target.kind {
                    Kind::String => target.values.is_empty(),
                    Kind::Structure => self.has_default(&reference.shape)?,
                    _ => true,
                };
                if !fine {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

/// Adds everything that `name` reaches.
fn reach<'a>(
    model: &'a Model,
    name: &'a str,
    seen: &mut BTreeSet<&'a str>,
    above: &mut Vec<&'a str>,
) -> Result<()> {
    // A recursive type would need a box, and the validator a limit on its depth.
    ensure!(!above.contains(&name), "{name} is recursive");
    if seen.insert(name) {
        above.push(name);
        for reference in model.shape(name)?.references() {
            reach(model, reference, seen, above)?;
        }
        above.pop();
    }
    Ok(())
}

fn shape_kind(shape: &Shape, patterns: &BTreeMap<(&str, &str), String>) -> Result<String> {
    let target = |reference: &Option<Reference>| -> Result<String> {
        let reference = reference.as_ref().context("an incomplete shape")?;
        Ok(format!("&{}", names::screaming(&reference.shape)))
    };
    let length = format!("Length {{ min: {}, max: {} }}", bound(shape.min), bound(shape.max));
    let range = format!("Range {{ min: {}, max: {} }}", bound(shape.min), bound(shape.max));
    Ok(match shape.kind {
        Kind::Structure if shape.document => "Kind::Document".to_owned(),
        Kind::Structure => {
            let mut out = String::from("Kind::Structure(&[");
            for (member, reference) in &shape.members {
                write!(
                    out,
                    "Member {{ name: {member:?}, required: {}, shape: &{} }},",
                    shape.required.contains(member),
                    names::screaming(&reference.shape)
                )?;
            }
            out.push_str("])");
            out
        }
        Kind::List => {
            format!("Kind::List {{ member: {}, length: {length} }}", target(&shape.member)?)
        }
        Kind::Map => format!(
            "Kind::Map {{ key: {}, value: {}, length: {length} }}",
            target(&shape.key)?,
            target(&shape.value)?
        ),
        Kind::String => {
            let pattern = match &shape.pattern {
                None => "None".to_owned(),
                Some(text) => {
                    let matched = shape.matched.as_ref().unwrap_or(text);
                    let name = patterns
                        .get(&(text.as_str(), matched.as_str()))
                        .context("a pattern without a static")?;
                    format!("Some(&{name})")
                }
            };
            format!(
                "Kind::String {{ length: {length}, pattern: {pattern}, values: &{:?} }}",
                shape.values
            )
        }
        Kind::Integer => format!("Kind::Integer({range})"),
        Kind::Long => format!("Kind::Long({range})"),
        Kind::Boolean => "Kind::Boolean".to_owned(),
        Kind::Timestamp => "Kind::Timestamp".to_owned(),
        Kind::Blob => format!("Kind::Blob({length})"),
    })
}

fn enumeration(out: &mut String, name: &str, shape: &Shape) -> Result<()> {
    if shape.sensitive {
        bail!("{name}: an enumeration that is sensitive");
    }
    // rustfmt leaves the inside of a braced macro call alone, so this is its final form.
    writeln!(out, "\nwire_enum! {{\n    {name} {{")?;
    let mut taken = BTreeSet::new();
    for value in &shape.values {
        let variant = names::variant(value)?;
        ensure!(taken.insert(variant.clone()), "{name}: {variant} twice");
        writeln!(out, "        {variant} = {value:?},")?;
    }
    out.push_str("    }\n}\n");
    Ok(())
}

/// A comment, wrapped.
fn comment(out: &mut String, text: &str) -> Result<()> {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if line.len() + word.len() > 92 {
            writeln!(out, "// {}", line.trim_end())?;
            line.clear();
        }
        line.push_str(word);
        line.push(' ');
    }
    writeln!(out, "// {}", line.trim_end())?;
    Ok(())
}

/// An optional bound, its digits grouped.
fn bound(value: Option<i64>) -> String {
    let Some(value) = value else { return "None".to_owned() };
    let digits = value.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        // Groups of three pay off from five digits on, which is where clippy asks for them.
        if index > 0 && digits.len() > 4 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    format!("Some({grouped})")
}

/// A string literal, raw where that spares escapes.
fn raw(text: &str) -> String {
    if text.contains('"') {
        format!("r#\"{text}\"#")
    } else if text.contains('\\') {
        format!("r\"{text}\"")
    } else {
        format!("\"{text}\"")
    }
}
