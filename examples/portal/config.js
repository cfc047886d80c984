// Where the portal API is: Poolkeeper's public_url and the prefix of [portal_api], without a slash at
// the end. The address of this page has to be among cors_origins there.
export const API = 'http://127.0.0.1:8080'
