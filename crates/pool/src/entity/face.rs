use serde::{Deserialize, Serialize};

/// The face that a sign-in is made at. Its rules hold for the sign-in wherever its tokens are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Face {
    /// Cognito's protocol.
    #[default]
    Cognito,
    /// The partner API.
    Partner,
    /// The portal API.
    Portal,
    /// The tenant API.
    Tenant,
}

impl Face {
    /// Whether a sign-in that was made at that face can be used at this one. Cognito's protocol is the
    /// pool's own: it takes the tokens of the partner API and the portal API, and they take its tokens
    /// of their own app client. A tenant's sign-ins are the tenant's alone.
    pub fn is_open_to(self, made_at: Self) -> bool {
        let is_tenants = self == Self::Tenant || made_at == Self::Tenant;
        let is_cognitos = self == Self::Cognito || made_at == Self::Cognito;
        self == made_at || (is_cognitos && !is_tenants)
    }
}

#[cfg(test)]
mod tests {
    use super::Face::{Cognito, Partner, Portal, Tenant};

    #[test]
    fn a_sign_in_is_good_at_its_own_face_and_most_at_cognito_s() {
        for face in [Cognito, Partner, Portal, Tenant] {
            let open: Vec<_> = [Cognito, Partner, Portal, Tenant]
                .into_iter()
                .filter(|made_at| face.is_open_to(*made_at))
                .collect();
            let expected: &[_] = match face {
                Cognito => &[Cognito, Partner, Portal],
                Partner => &[Cognito, Partner],
                Portal => &[Cognito, Portal],
                Tenant => &[Tenant],
            };
            assert_eq!(open, expected, "{face:?}");
        }
    }
}
