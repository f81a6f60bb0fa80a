package entra

import (
	"slices"
	"strings"
)

// resources are what tokens can be asked for: Partner Center, and others for which a careless program asks.
var resources = append(slices.Clone(audiences), "https://graph.windows.net", "https://graph.microsoft.com", "https://management.azure.com")

// openID are the scopes that belong to no resource.
var openID = []string{"openid", "profile", "email", "offline_access"}

// appScope gives the audience of an application's token: its one scope is all that a resource has granted it. Libraries ask
// for scopes of OpenID beside it, which are ignored.
func appScope(scope string) (string, error) {
	wanted := slices.DeleteFunc(strings.Fields(scope), func(s string) bool { return slices.Contains(openID, s) })
	if len(wanted) == 0 {
		return "", failure(invalidRequest, 900144, "The request body must contain the following parameter: 'scope'.")
	}
	resource, found := strings.CutSuffix(wanted[0], "/.default")
	if !found || len(wanted) > 1 {
		return "", failure(invalidScope, 1002012, "The provided value for scope %s is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).", scope)
	}
	return known(resource)
}

// userScope gives the audience of a user's token, which all scopes must have in common. Without any it is empty: the token
// is for Partner Center.
func userScope(scopes []string) (audience string, err error) {
	for _, scope := range scopes {
		if slices.Contains(openID, scope) {
			continue
		}
		resource := scope
		if i := strings.LastIndexByte(scope, '/'); i >= 0 {
			resource = scope[:i]
		}
		of, err := known(resource)
		if err != nil {
			return "", err
		}
		if audience != "" && audience != of {
			return "", failure(invalidScope, 28000, "Provided value for the input parameter scope is not valid because it contains more than one resource: %s and %s.", audience, of)
		}
		audience = of
	}
	return audience, nil
}

// known gives a resource as it is spelled here.
func known(resource string) (string, error) {
	for _, r := range resources {
		if strings.EqualFold(r, strings.TrimSuffix(resource, "/")) {
			return r, nil
		}
	}
	return "", failure(invalidResource, 500011, "The resource principal named %s was not found in the tenant %s. This stub has %s.", resource, TenantID, strings.Join(resources, ", "))
}
