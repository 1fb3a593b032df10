package jsonld

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds on facts.
const (
	maxFact   = 300
	maxSameAs = 50
	// maxEmployees is more than anybody employs: a larger number is a slip.
	maxEmployees = 5_000_000
)

// Organization is what a page states of the organisation behind it. Empty fields are not stated. People (founders, members,
// contact points) are never read.
type Organization struct {
	// Type is the most exact schema.org type given: Organization, Corporation, LocalBusiness, …
	Type      string `json:"type"`
	Name      string `json:"name,omitempty"`
	LegalName string `json:"legal_name,omitempty"`
	URL       string `json:"url,omitempty"`
	// Founded is a year, month or day: YYYY, YYYY-MM or YYYY-MM-DD.
	Founded string `json:"founded,omitempty"`
	// EmployeesMin and EmployeesMax bound the number of employees; equal where one number is stated, 0 where none.
	EmployeesMin int      `json:"employees_min,omitempty"`
	EmployeesMax int      `json:"employees_max,omitempty"`
	Address      *Address `json:"address,omitempty"`
	// SameAs are addresses of the same organisation elsewhere: profiles, registers; at most 50.
	SameAs []string `json:"same_as,omitempty"`
}

// Address is a postal address; Text is set where it is stated as one line.
type Address struct {
	Street     string `json:"street,omitempty"`
	PostalCode string `json:"postal_code,omitempty"`
	Locality   string `json:"locality,omitempty"`
	Region     string `json:"region,omitempty"`
	Country    string `json:"country,omitempty"`
	Text       string `json:"text,omitempty"`
}

// roles are the members under which the organisation that publishes a page stands; under others stand somebody else's.
var roles = map[string]bool{"": true, "publisher": true, "mainEntity": true, "about": true, "provider": true, "hiringOrganization": true, //nolint:gochecknoglobals // a table
	"sourceOrganization": true, "copyrightHolder": true, "isPartOf": true}

// OrganizationOf returns what the page states of the organisation behind it: the one whose address own says to be on the page's
// site, or else one without an address that is not merely an advert's employer, who may be an agency's client; nil where nothing but a name is stated. A nil own takes any. Nodes that are one, by id or
// by name, are put together.
func OrganizationOf(nodes []*Node, own func(url string) bool) *Organization {
	var found []*Node
	hires := map[*Node]bool{}
	Walk(nodes, func(n *Node, depth int, under string) bool {
		if depth > 0 && !roles[under] {
			return false
		}
		if isOrganization(n) {
			found = append(found, n)
			hires[n] = under == "hiringOrganization"
		}
		return len(found) < maxList
	})
	best := slices.IndexFunc(found, func(n *Node) bool { return own != nil && own(n.Text("url")) })
	if best < 0 {
		best = slices.IndexFunc(found, func(n *Node) bool { return n.Text("url") == "" && !hires[n] || own == nil })
	}
	if best < 0 {
		return nil
	}
	out := &Organization{}
	out.add(found[best])
	for _, n := range found {
		if same(n, found[best]) {
			out.add(n)
		}
	}
	if !out.tells() {
		return nil
	}
	return out
}

// same reports two nodes that speak of one organisation.
func same(a, b *Node) bool {
	id := a.Text("@id")
	return a != b && (id != "" && id == b.Text("@id") || a.Text("name") != "" && strings.EqualFold(a.Text("name"), b.Text("name")))
}

// tells reports more than a name and an address of the site.
func (o *Organization) tells() bool {
	return o.LegalName != "" || o.Founded != "" || o.EmployeesMax > 0 || o.Address != nil || len(o.SameAs) > 0
}

// isOrganization knows schema.org's organisations by how their types are named.
func isOrganization(n *Node) bool {
	for _, t := range n.Types {
		switch t {
		case "Organization", "Corporation", "LocalBusiness", "ProfessionalService", "Store", "Airline", "Consortium", "Project", "Library", "Hotel",
			"Restaurant", "Hospital", "School", "CollegeOrUniversity", "NGO", "OnlineStore", "GovernmentOffice", "TravelAgency":
			return true
		}
		for _, suffix := range [...]string{"Organization", "Business", "Agency", "Service", "Store", "Dealer", "Contractor"} {
			if strings.HasSuffix(t, suffix) && t != "Service" && n.get("address").kind+n.get("sameAs").kind+n.get("logo").kind > 0 {
				return true
			}
		}
	}
	return false
}

// add fills what is not known yet.
func (o *Organization) add(n *Node) {
	if len(n.Types) > 0 && (o.Type == "" || o.Type == "Organization") {
		o.Type = clip(n.Types[0])
	}
	set(&o.Name, n.Text("name"))
	set(&o.LegalName, n.Text("legalName"))
	set(&o.URL, address(n.Text("url")))
	set(&o.Founded, day(n.Text("foundingDate")))
	if o.EmployeesMax == 0 {
		o.EmployeesMin, o.EmployeesMax = employees(n.get("numberOfEmployees"))
	}
	if o.Address == nil {
		o.Address = postal(n.get("address"))
	}
	for _, u := range n.Texts("sameAs") {
		if u = address(u); u != "" && len(o.SameAs) < maxSameAs && !slices.Contains(o.SameAs, u) {
			o.SameAs = append(o.SameAs, u)
		}
	}
}

func set(field *string, text string) {
	if *field == "" {
		*field = clip(text)
	}
}

// postal reads an address; of several the first that says something.
func postal(v value) *Address {
	for _, n := range v.nodes(nil) {
		a := Address{
			Street: clip(n.Text("streetAddress")), PostalCode: clip(n.Text("postalCode")), Locality: clip(n.Text("addressLocality")),
			Region: clip(n.Text("addressRegion")), Country: clip(n.Text("addressCountry")),
		}
		if a != (Address{}) {
			return &a
		}
	}
	if texts := v.texts(nil, 1); len(texts) > 0 && len(v.nodes(nil)) == 0 {
		return &Address{Text: clip(texts[0])}
	}
	return nil
}

// employees reads a number or a range: 250, "1,000", "11-50", "500+", {"minValue": 11, "maxValue": 50}.
func employees(v value) (least, most int) {
	for _, n := range v.nodes(nil) {
		least, most = count(n.Text("minValue")), count(n.Text("maxValue"))
		if one := count(n.Text("value")); one > 0 && least == 0 && most == 0 {
			return one, one
		}
		if least > 0 || most > 0 {
			return ordered(least, most)
		}
	}
	texts := v.texts(nil, 1)
	if len(texts) == 0 {
		return 0, 0
	}
	for _, dash := range [...]string{"-", "–", "—", " to ", " bis "} {
		if from, to, ok := strings.Cut(texts[0], dash); ok {
			return ordered(count(from), count(to))
		}
	}
	one := count(texts[0])
	return one, one
}

func ordered(least, most int) (int, int) {
	if most == 0 {
		most = least
	}
	if least > most {
		return 0, 0
	}
	return least, most
}

// count reads a number of people, thousands parted or not; 0 where it is none.
func count(s string) int {
	s = strings.TrimRight(strings.TrimSpace(s), "+ ")
	if s, _, _ = strings.Cut(s, " "); s == "" {
		return 0
	}
	plain := strings.NewReplacer(",", "", ".", "", "'", "", "\u00a0", "").Replace(s)
	if whole, ok := strings.CutSuffix(s, ".0"); ok {
		plain = whole
	}
	n, err := strconv.Atoi(plain)
	if err != nil || n < 0 || n > maxEmployees {
		return 0
	}
	return n
}

// day keeps a year, month or day of a believable year.
func day(s string) string {
	if s = strings.TrimSpace(s); strings.ContainsAny(s, "T ") {
		s = s[:strings.IndexAny(s, "T ")]
	}
	if len(s) != 4 && len(s) != 7 && len(s) != 10 {
		return ""
	}
	for i := range len(s) {
		if (i == 4 || i == 7) != (s[i] == '-') || s[i] != '-' && (s[i] < '0' || s[i] > '9') {
			return ""
		}
	}
	if s < "1000" || s > "2100" {
		return ""
	}
	return s
}

// address keeps an absolute web address.
func address(s string) string {
	if !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://") && !strings.HasPrefix(s, "//") || len(s) > 2048 || strings.Contains(s, " ") {
		return ""
	}
	if s[0] == '/' {
		s = "https:" + s
	}
	return s
}

// clip cuts a fact at a rune boundary.
func clip(s string) string { return clipTo(s, maxFact) }

func clipTo(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return strings.TrimSpace(s[:limit])
}
