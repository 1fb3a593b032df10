package probe

import "strings"

// parkingServers maps the name servers of parking and domain-sale services, by suffix, to the service. A
// domain that delegates to them shows the service's page, never a company's.
func parkingServers() map[string]string {
	return map[string]string{
		"sedoparking.com":         "Sedo",
		"bodis.com":               "Bodis",
		"parkingcrew.net":         "ParkingCrew",
		"above.com":               "Above.com",
		"dan.com":                 "Dan.com",
		"undeveloped.com":         "Dan.com",
		"afternic.com":            "Afternic",
		"smartname.com":           "SmartName",
		"parklogic.com":           "ParkLogic",
		"cashparking.com":         "GoDaddy CashParking",
		"voodoo.com":              "Voodoo",
		"fabulous.com":            "Fabulous",
		"ztomy.com":               "Ztomy",
		"rookdns.com":             "Rook Media",
		"parkingspa.com":          "ParkingSpa",
		"trafficz.com":            "TrafficZ",
		"giantpanda.com":          "GiantPanda",
		"brainydns.com":           "Brainy Domains",
		"eftydns.com":             "Efty",
		"uniregistrymarket.link":  "Uniregistry Market",
		"domainparkingserver.net": "Domain Parking Server",
	}
}

// Parking names the parking service whose name servers a domain delegates to. All of them must be such:
// a single one among others may be a left-over.
func Parking(ns []string) (service string, parked bool) {
	servers := parkingServers()
	for _, server := range ns {
		found := ""
		for at := strings.ToLower(strings.TrimSuffix(server, ".")); at != ""; {
			if s, ok := servers[at]; ok {
				found = s
				break
			}
			_, at, _ = strings.Cut(at, ".")
		}
		if found == "" {
			return "", false
		}
		service = found
	}
	return service, service != ""
}
