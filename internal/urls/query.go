package urls

import (
	"net/url"
	"slices"
	"strings"
)

// cleanQuery drops tracking parameters and session ids, and sorts what is left where that is safe.
func cleanQuery(query string) string {
	if query == "" {
		return ""
	}
	parts := strings.Split(query, "&")
	kept := parts[:0]
	for _, part := range parts {
		name, _, _ := strings.Cut(part, "=")
		if part == "" || droppedParam(name) {
			continue
		}
		kept = append(kept, part)
	}
	if sortable(kept) {
		slices.SortStableFunc(kept, func(a, b string) int {
			na, _, _ := strings.Cut(a, "=")
			nb, _, _ := strings.Cut(b, "=")
			return strings.Compare(na, nb)
		})
	}
	return strings.Join(kept, "&")
}

// sortable reports whether a query is a list of named values. In anything else ("?/page/2", "?a;b=1")
// the order may carry meaning. Values of one name keep their order either way.
func sortable(parts []string) bool {
	for _, part := range parts {
		name, _, ok := strings.Cut(part, "=")
		if !ok || name == "" || strings.ContainsAny(part, ";") || strings.Contains(name, "/") {
			return false
		}
	}
	return true
}

// droppedParam reports whether a raw parameter name is a tracking parameter or a session id.
func droppedParam(raw string) bool {
	name := raw
	if strings.ContainsAny(raw, "%+") {
		if decoded, err := url.QueryUnescape(raw); err == nil {
			name = decoded
		}
	}
	name = strings.ToLower(name)
	for _, prefix := range [...]string{"utm_", "mtm_", "pk_", "hsa_", "aspsessionid", "__hs"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	switch name {
	// Click ids and campaign marks, by the vendor that adds them: Google, Meta, Microsoft, Yandex,
	// Mailchimp, HubSpot, Marketo, Instagram, X, TikTok, LinkedIn, Adobe, Vero, Olytics, Drip, Matomo.
	case "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "gad_source", "gad_campaignid", "_ga", "_gl",
		"fbclid", "fb_action_ids", "fb_source", "msclkid", "yclid", "ysclid", "_openstat",
		"mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "igshid", "igsh", "twclid", "ttclid", "li_fat_id",
		"s_kwcid", "ef_id", "vero_id", "vero_conv", "oly_anon_id", "oly_enc_id", "dm_i", "epik", "rb_clickid",
		"piwik_campaign", "matomo_campaign", "wickedid":
		return true
	case "phpsessid", "jsessionid", "sid", "sessionid", "session_id", "cfid", "cftoken", "zenid", "oscsid":
		return true
	}
	return false
}

// dropPathSession removes ";jsessionid=…" and its like, which servlet containers and ASP.NET put
// into the path (Jakarta Servlet 7.1.3).
func dropPathSession(path string) string {
	if !strings.Contains(path, ";") {
		return path
	}
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		params := strings.Split(segment, ";")
		kept := params[:1]
		for _, param := range params[1:] {
			name, _, ok := strings.Cut(param, "=")
			if ok && pathSession(name) {
				continue
			}
			kept = append(kept, param)
		}
		segments[i] = strings.Join(kept, ";")
	}
	return strings.Join(segments, "/")
}

func pathSession(name string) bool {
	switch strings.ToLower(name) {
	case "jsessionid", "phpsessid", "sid":
		return true
	}
	return false
}
