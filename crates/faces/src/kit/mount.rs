use super::{Crowded, Operation, context_of};
use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post, put};
use poolkeeper_pool::entity::Face;
use poolkeeper_pool::request::Reason;
use std::convert::Infallible;
use tower::ServiceExt;

/// The path of the endpoint that was called, as the face's table spells it. The response carries it
/// to the observer.
#[derive(Clone, Copy)]
pub(crate) struct Template(pub(crate) &'static str);

/// The operation that was called, if the path has many. The response carries it to the observer.
#[derive(Clone, Copy)]
pub(crate) struct Called(pub(crate) &'static str);

/// An endpoint, as the face's table spells it: below the prefix, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method that it answers. `GET` includes `HEAD`.
    pub method: Method,
    /// Its path.
    pub path: &'static str,
}

impl Route {
    /// Whether its path matches this one. A part in braces matches any one part that is not empty.
    fn is_at(&self, path: &str) -> bool {
        let fits = |(part, given): (&str, &str)| {
            part == given || part.starts_with('{') && !given.is_empty()
        };
        let (parts, given) = (self.path.split('/'), path.split('/'));
        parts.clone().count() == given.clone().count() && parts.zip(given).all(fits)
    }
}

/// Translates a path into the one in the face's own table; `None` if the face does not claim it.
type KnownPath = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Answers in a face's own words that there is no room for a request.
type TurnAway = dyn Fn(Crowded) -> Response + Send + Sync;

/// The path of no endpoint, whatever face it is.
const NOWHERE: &str = "//";

/// A face with the paths that it claims and the methods that it takes there.
pub(crate) struct Mount {
    /// `None` if the router itself answers that there is no room for a request.
    turn_away: Option<Box<TurnAway>>,
    /// Answers that another host is meant.
    misdirected: fn() -> Response,
    known_path: Box<KnownPath>,
    routes: Vec<Route>,
    router: Router,
    /// The name of the face at which users sign in; `None` if nobody signs in here.
    face: Option<Face>,
}

impl Mount {
    pub(crate) fn new(
        known_path: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
        routes: Vec<Route>,
        router: Router,
    ) -> Self {
        let turn_away: Option<Box<TurnAway>> = Some(Box::new(crate::plainly_crowded));
        let misdirected = || crate::plain(StatusCode::MISDIRECTED_REQUEST);
        Self {
            turn_away,
            misdirected,
            known_path: Box::new(known_path),
            routes,
            router,
            face: None,
        }
    }

    /// Sets the answer for when there is no room for a request.
    #[must_use]
    pub(crate) fn turning_away(
        self,
        turn_away: impl Fn(Crowded) -> Response + Send + Sync + 'static,
    ) -> Self {
        Self { turn_away: Some(Box::new(turn_away)), ..self }
    }

    /// Sets the answer for when another host is meant.
    #[must_use]
    pub(crate) fn misdirecting(self, misdirected: fn() -> Response) -> Self {
        Self { misdirected, ..self }
    }

    /// Sets the face that is noted on requests, for the observer.
    #[must_use]
    pub(crate) fn of(self, face: Face) -> Self {
        Self { face: Some(face), ..self }
    }

    /// Leaves it to the router to answer when there is no room for a request.
    #[must_use]
    pub(crate) fn turning_away_itself(self) -> Self {
        Self { turn_away: None, ..self }
    }

    /// Whether it is one of the three sign-in APIs.
    pub(crate) const fn is_sign_in_api(&self) -> bool {
        matches!(self.face, Some(Face::Partner | Face::Portal | Face::Tenant))
    }

    /// A claim to a path that is no face's.
    pub(crate) fn nowhere(&self) -> Claim<'_> {
        Claim { mount: self, path: NOWHERE.to_owned(), template: None, methods: Vec::new() }
    }

    /// The face's claim to a path, if it makes one.
    pub(crate) fn claim(&self, path: &str) -> Option<Claim<'_>> {
        let path = (self.known_path)(path)?;
        let routes = self.routes.iter().filter(|route| route.is_at(&path));
        let (mut methods, mut template) = (Vec::new(), None);
        for route in routes {
            methods.push(&route.method);
            if route.method == Method::GET {
                methods.push(&Method::HEAD);
            }
            // A path that is spelled out comes before one with a part in braces, as in the router.
            template = template.filter(|_| route.path != path).or(Some(route.path));
        }
        Some(Claim { mount: self, path, template, methods })
    }
}

/// A path that a face claims.
pub(crate) struct Claim<'a> {
    mount: &'a Mount,
    /// The path in the face's own table.
    path: String,
    /// The same as the table spells it; `None` if there is no such endpoint.
    template: Option<&'static str>,
    /// The methods that the face takes there; none if there is no such endpoint.
    pub(crate) methods: Vec<&'a Method>,
}

impl Claim<'_> {
    /// Has the face answer a request for this path, in its own words, whatever the method.
    pub(crate) async fn answer(&self, request: Request) -> Response {
        let response = self.route(request).await;
        self.with_template(response)
    }

    async fn route(&self, mut request: Request) -> Response {
        let Mount { turn_away, router, .. } = self.mount;
        self.note_face(&request);
        if let Some(crowded) = request.extensions().get::<Crowded>() {
            context_of(request.extensions()).note_reason(Reason::NoRoom);
            if let Some(turn_away) = turn_away {
                return turn_away(*crowded);
            }
        }
        if let Some(uri) = with_path(request.uri(), &self.path) {
            *request.uri_mut() = uri;
        }
        let answer: Result<Response, Infallible> = router.clone().oneshot(request).await;
        answer.into_response()
    }

    /// Has the face answer, in its own words, that another host is meant.
    pub(crate) fn misdirected(&self, request: &Request) -> Response {
        self.note_face(request);
        self.with_template((self.mount.misdirected)())
    }

    fn with_template(&self, mut response: Response) -> Response {
        if let Some(template) = self.template {
            response.extensions_mut().insert(Template(template));
        }
        response
    }

    fn note_face(&self, request: &Request) {
        if let Some(face) = self.mount.face {
            context_of(request.extensions()).note_face(face);
        }
    }
}

fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    let path_and_query = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path_and_query.try_into().ok()?);
    Uri::from_parts(parts).ok()
}

/// Claims the given trees of paths below a prefix, or everything below a prefix that is not empty.
/// One trailing slash makes no difference.
pub(crate) fn under(prefix: &str, trees: &[&str], path: &str) -> Option<String> {
    let below = path.strip_prefix(prefix).filter(|below| is_boundary(below))?;
    let below = if below.is_empty() { "/" } else { below };
    let below = below.strip_suffix('/').filter(|cut| cut.len() > 1).unwrap_or(below);
    let is_in = |tree: &str| {
        below == tree || tree.len() > 1 && below.strip_prefix(tree).is_some_and(is_boundary)
    };
    let claimed = !prefix.is_empty() || trees.iter().any(|tree| is_in(tree));
    claimed.then(|| below.to_owned())
}

fn is_boundary(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('/')
}

/// Describes an endpoint for the face's OpenAPI document.
pub(crate) type Describe = fn() -> Operation;

/// A face's table of endpoints. The face refuses everything else in its own words.
pub(crate) struct Endpoints<S> {
    /// By path: methods of the same path are one entry, so that `Allow` names all of them.
    methods: Vec<(&'static str, MethodRouter<S>)>,
    routes: Vec<Route>,
    described: Vec<(Route, Describe)>,
    not_found: fn() -> Response,
    method_not_allowed: fn() -> Response,
}

impl<S: Clone + Send + Sync + 'static> Endpoints<S> {
    pub(crate) fn new(not_found: fn() -> Response, method_not_allowed: fn() -> Response) -> Self {
        let (methods, routes, described) = (Vec::new(), Vec::new(), Vec::new());
        Self { methods, routes, described, not_found, method_not_allowed }
    }

    pub(crate) fn get<T: 'static>(
        self,
        path: &'static str,
        handler: impl Handler<T, S>,
        describe: Describe,
    ) -> Self {
        self.described(Method::GET, path, describe).at(Method::GET, path, get(handler))
    }

    pub(crate) fn post<T: 'static>(
        self,
        path: &'static str,
        handler: impl Handler<T, S>,
        describe: Describe,
    ) -> Self {
        self.described(Method::POST, path, describe).at(Method::POST, path, post(handler))
    }

    pub(crate) fn put<T: 'static>(
        self,
        path: &'static str,
        handler: impl Handler<T, S>,
        describe: Describe,
    ) -> Self {
        self.described(Method::PUT, path, describe).at(Method::PUT, path, put(handler))
    }

    pub(crate) fn delete<T: 'static>(
        self,
        path: &'static str,
        handler: impl Handler<T, S>,
        describe: Describe,
    ) -> Self {
        self.described(Method::DELETE, path, describe).at(Method::DELETE, path, delete(handler))
    }

    fn described(mut self, method: Method, path: &'static str, describe: Describe) -> Self {
        self.described.push((Route { method, path }, describe));
        self
    }

    /// Adds an endpoint that no document describes: a page, or another spelling of a path. The
    /// framework adds a correct `Allow` to responses to other methods.
    pub(crate) fn at(
        mut self,
        method: Method,
        template: &'static str,
        methods: MethodRouter<S>,
    ) -> Self {
        self.routes.push(Route { method, path: template });
        match self.methods.iter_mut().find(|(path, _)| *path == template) {
            Some((_, others)) => *others = others.clone().merge(methods),
            None => self.methods.push((template, methods)),
        }
        self
    }

    /// The endpoints that were added.
    pub(crate) fn routes(&self) -> Vec<Route> {
        self.routes.clone()
    }

    /// The endpoints that were added with a description.
    pub(crate) fn operations(self) -> Vec<(Route, Operation)> {
        self.described.into_iter().map(|(route, describe)| (route, describe())).collect()
    }

    pub(crate) fn finish(self, state: S) -> Router {
        let Self { methods, not_found, method_not_allowed, .. } = self;
        let nowhere = Router::new().fallback(move || async move { not_found() });
        let add = |router: Router<S>, (template, methods): (&'static str, MethodRouter<S>)| {
            let refuse = move || async move { method_not_allowed() };
            router.route(template, methods.fallback(refuse))
        };
        methods.into_iter().fold(nowhere, add).with_state(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREES: &[&str] = &["/", "/auth", "/status"];

    #[test]
    fn parts_in_braces_stand_for_any() {
        let is_at = |path: &'static str, given| Route { method: Method::GET, path }.is_at(given);
        assert!(is_at("/", "/"));
        assert!(is_at("/users/{email}/disable", "/users/a%2Fb/disable"));
        for other in ["/users//disable", "/users/a", "/users/a/disable/", "/users/a/b/disable"] {
            assert!(!is_at("/users/{email}/disable", other), "{other}");
        }
        assert!(!is_at("/", "/x") && !is_at("/x", "/") && !is_at("/x", "/X"));
    }

    #[test]
    fn trees_are_claimed_with_and_without_a_slash() {
        let claimed = |path| under("", TREES, path);
        assert_eq!(claimed("/auth").as_deref(), Some("/auth"));
        assert_eq!(claimed("/auth/").as_deref(), Some("/auth"));
        assert_eq!(claimed("/auth//").as_deref(), Some("/auth/"));
        assert_eq!(claimed("/auth/x/").as_deref(), Some("/auth/x"));
        assert_eq!(claimed("/").as_deref(), Some("/"));
        for foreign in ["//", "//auth", "/authx", "/AUTH", "/%61uth", "/x/auth", "auth", "*"] {
            assert_eq!(claimed(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn nowhere_is_claimed_by_nobody() {
        assert_eq!(under("", TREES, NOWHERE), None);
    }

    #[test]
    fn everything_below_a_prefix_is_claimed() {
        let claimed = |path| under("/api/v3", TREES, path);
        assert_eq!(claimed("/api/v3/auth/").as_deref(), Some("/auth"));
        assert_eq!(claimed("/api/v3/nonsense").as_deref(), Some("/nonsense"));
        assert_eq!(claimed("/api/v3").as_deref(), Some("/"));
        assert_eq!(claimed("/api/v33/auth"), None);
        assert_eq!(claimed("/auth"), None);
    }
}

#[cfg(test)]
mod fuzz {
    use super::*;
    use crate::tests::json::odd;

    /// A face sees the end of the path that was sent, starting at a slash.
    #[test]
    fn what_is_claimed_is_the_end_of_the_path() {
        const PREFIXES: [&str; 3] = ["", "/api", "/api/v3"];
        bolero::check!().with_type::<(u8, u8, Vec<u8>)>().for_each(|(prefix, start, rest)| {
            let prefix = PREFIXES[usize::from(*prefix) % PREFIXES.len()];
            let start = PREFIXES[usize::from(*start) % PREFIXES.len()];
            let path = [start, &odd(rest)].concat();
            if let Some(claimed) = under(prefix, &["/", "/auth"], &path) {
                let end = path.strip_prefix(prefix).unwrap();
                assert!(claimed.starts_with('/'), "{path}");
                assert!(
                    end == claimed || *end == format!("{claimed}/") || end.is_empty(),
                    "{path}"
                );
            }
        });
    }
}
