//! Where Amazon is: every address of a pool at Amazon, as its region, the configuration file and the
//! environment say. Nothing else in this program spells an address of Amazon's.

use super::validate::Variables;
use poolkeeper_pool::ids::PoolId;

/// A partition of AWS: the prefix of its regions, the domain of its services, and their domain with IPv6
/// (dual stack).
type Partition = (&'static str, &'static str, &'static str);

/// The partitions but for the commercial one, as AWS's SDKs know them.
const PARTITIONS: [Partition; 7] = [
    ("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    (GOV_CLOUD, "amazonaws.com", "api.aws"),
    ("us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    ("us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    ("us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    ("eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    ("eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
];

/// The partition of all other regions.
const COMMERCIAL: Partition = ("", "amazonaws.com", "api.aws");

/// Here Cognito has FIPS endpoints only.
const GOV_CLOUD: &str = "us-gov-";

/// The regions whose FIPS endpoint has one name, with IPv6 and without.
const ONE_FIPS_NAME: [&str; 4] = ["us-east-1", "us-east-2", "us-west-1", "us-west-2"];

/// What the issuers of a pool's tokens may begin with. The first is that of `IssuerConfiguration`'s
/// `ORIGINAL`, the second that of `UPDATED`, and the third that of regions with FIPS endpoints only.
const ISSUING: [&str; 3] = ["cognito-idp", "issuer-cognito-idp", "cognito-idp-fips"];

/// Where a pool at Amazon is, and who issues its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// Where Cognito's protocol is spoken, without a final slash.
    pub endpoint: String,
    /// The folder of the pool's public documents, without a final slash.
    pub documents: String,
    /// Every `iss` that Amazon documents for tokens of this pool; the usual one comes first.
    pub issuers: Vec<String>,
}

/// What the environment says of where Amazon is, in the variables that AWS's own tools read.
#[derive(Debug, Default)]
pub(super) struct AwsEnvironment {
    /// The variable that names an endpoint, and the endpoint.
    pub(super) endpoint: Option<(&'static str, String)>,
    fips: bool,
    dual_stack: bool,
}

impl AwsEnvironment {
    pub(super) fn read(variables: &Variables<'_>) -> Self {
        let set = |name: &str| variables(name).filter(|value| !value.is_empty());
        let is_on = |name| set(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let mut names =
            ["AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "AWS_ENDPOINT_URL"].into_iter();
        let endpoint = names.find_map(|name| {
            set(name).map(|endpoint| (name, endpoint.trim_end_matches('/').to_owned()))
        });
        Self {
            endpoint: endpoint.filter(|_| !is_on("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")),
            fips: is_on("AWS_USE_FIPS_ENDPOINT"),
            dual_stack: is_on("AWS_USE_DUALSTACK_ENDPOINT"),
        }
    }
}

impl Addresses {
    /// The addresses of a pool in a region. The region of a replica differs from that of the pool's id. If
    /// `endpoint` is given, it replaces Amazon's own, also for the documents, unless `documents` is given.
    pub(super) fn new(
        pool: &PoolId,
        region: &str,
        (endpoint, documents): (Option<String>, Option<String>),
        environment: &AwsEnvironment,
    ) -> Self {
        let endpoint = endpoint.unwrap_or_else(|| own_endpoint(region, environment));
        let primary = pool.region();
        let regions = [primary, region].into_iter().take(if primary == region { 1 } else { 2 });
        let issuer = |service, region| {
            let (_, suffix, _) = partition(region);
            format!("https://{service}.{region}.{suffix}/{pool}")
        };
        let documents = documents.as_ref().unwrap_or(&endpoint);
        Self {
            documents: format!("{documents}/{pool}/.well-known"),
            endpoint,
            issuers: regions
                .flat_map(|region| ISSUING.map(|service| issuer(service, region)))
                .collect(),
        }
    }
}

/// Amazon's own endpoint for Cognito's protocol in a region.
fn own_endpoint(region: &str, environment: &AwsEnvironment) -> String {
    let fips = environment.fips || region.starts_with(GOV_CLOUD);
    let (prefix, suffix, dual_stack) = partition(region);
    // Commercial endpoints answer over IPv6 under their usual name.
    let has_one_name = prefix.is_empty() && (!fips || ONE_FIPS_NAME.contains(&region));
    let suffix = if environment.dual_stack && !has_one_name { dual_stack } else { suffix };
    let service = if fips { "cognito-idp-fips" } else { "cognito-idp" };
    format!("https://{service}.{region}.{suffix}")
}

fn partition(region: &str) -> Partition {
    let found = PARTITIONS.iter().find(|(prefix, ..)| region.starts_with(prefix));
    found.copied().unwrap_or(COMMERCIAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(set: &[(&str, &str)]) -> AwsEnvironment {
        AwsEnvironment::read(&|name| {
            set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    /// What AWS's SDKs call, but for `GovCloud` without FIPS, which does not exist.
    #[test]
    fn endpoints_follow_region_and_environment() {
        const FIPS: (&str, &str) = ("AWS_USE_FIPS_ENDPOINT", "true");
        const IPV6: (&str, &str) = ("AWS_USE_DUALSTACK_ENDPOINT", "TRUE");
        for (region, set, expected) in [
            ("eu-west-1", &[][..], "cognito-idp.eu-west-1.amazonaws.com"),
            ("us-east-1", &[FIPS], "cognito-idp-fips.us-east-1.amazonaws.com"),
            ("us-east-1", &[IPV6], "cognito-idp.us-east-1.amazonaws.com"),
            ("us-west-2", &[FIPS, IPV6], "cognito-idp-fips.us-west-2.amazonaws.com"),
            ("ca-central-1", &[FIPS, IPV6], "cognito-idp-fips.ca-central-1.api.aws"),
            ("us-east-1", &[("AWS_USE_FIPS_ENDPOINT", "1")], "cognito-idp.us-east-1.amazonaws.com"),
            ("cn-north-1", &[], "cognito-idp.cn-north-1.amazonaws.com.cn"),
            ("cn-north-1", &[IPV6], "cognito-idp.cn-north-1.api.amazonwebservices.com.cn"),
            ("us-gov-west-1", &[], "cognito-idp-fips.us-gov-west-1.amazonaws.com"),
            ("us-gov-east-1", &[FIPS, IPV6], "cognito-idp-fips.us-gov-east-1.api.aws"),
            ("us-iso-east-1", &[], "cognito-idp.us-iso-east-1.c2s.ic.gov"),
            ("us-iso-east-1", &[FIPS], "cognito-idp-fips.us-iso-east-1.c2s.ic.gov"),
            ("us-isob-east-1", &[], "cognito-idp.us-isob-east-1.sc2s.sgov.gov"),
            ("us-isof-south-1", &[], "cognito-idp.us-isof-south-1.csp.hci.ic.gov"),
            ("eu-isoe-west-1", &[], "cognito-idp.eu-isoe-west-1.cloud.adc-e.uk"),
            ("eusc-de-east-1", &[], "cognito-idp.eusc-de-east-1.amazonaws.eu"),
        ] {
            let found = own_endpoint(region, &environment(set));
            assert_eq!(found, format!("https://{expected}"), "{region} {set:?}");
        }
    }

    #[test]
    fn the_environment_names_an_endpoint_as_for_aws_tools() {
        const ALL: (&str, &str) = ("AWS_ENDPOINT_URL", "http://localhost:4566/");
        const OURS: (&str, &str) = ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "https://a.b");
        const NONE: (&str, &str) = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
        for (set, expected) in [
            (&[][..], None),
            (&[("AWS_ENDPOINT_URL", "")], None),
            (&[ALL], Some((ALL.0, "http://localhost:4566"))),
            (&[ALL, OURS], Some(OURS)),
            (&[ALL, OURS, NONE], None),
        ] {
            let found = environment(set).endpoint;
            assert_eq!(found, expected.map(|(name, url)| (name, url.to_owned())), "{set:?}");
        }
    }

    #[test]
    fn all_addresses_of_a_pool_belong_to_it() {
        let pool = PoolId::from("us-east-1_AbCdEf123");
        let addresses =
            Addresses::new(&pool, "us-east-1", (None, None), &AwsEnvironment::default());
        let expected = Addresses {
            endpoint: "https://cognito-idp.us-east-1.amazonaws.com".into(),
            documents:
                "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEf123/.well-known".into(),
            issuers: vec![
                "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEf123".into(),
                "https://issuer-cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEf123".into(),
                "https://cognito-idp-fips.us-east-1.amazonaws.com/us-east-1_AbCdEf123".into(),
            ],
        };
        assert_eq!(addresses, expected);
        // A replica has the id of its primary.
        let replica = Addresses::new(&pool, "us-west-2", (None, None), &AwsEnvironment::default());
        assert_eq!(replica.endpoint, "https://cognito-idp.us-west-2.amazonaws.com");
        assert_eq!(replica.issuers[..3], expected.issuers);
        let elsewhere = "https://cognito-idp.us-west-2.amazonaws.com/us-east-1_AbCdEf123";
        assert_eq!((replica.issuers.len(), replica.issuers[3].as_str()), (6, elsewhere));
        // PrivateLink: other ways to the same pool.
        let endpoint = "https://vpce-0a1b.cognito-idp.us-east-1.vpce.amazonaws.com".to_owned();
        let private =
            Addresses::new(&pool, "us-east-1", (Some(endpoint), None), &AwsEnvironment::default());
        assert_eq!(
            private.documents,
            "https://vpce-0a1b.cognito-idp.us-east-1.vpce.amazonaws.com/us-east-1_AbCdEf123/.well-known"
        );
        assert_eq!(private.issuers, expected.issuers);
    }
}
