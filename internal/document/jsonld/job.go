package jsonld

import (
	"slices"
	"strings"
)

// Bounds on job adverts.
const (
	maxJobs   = 100
	maxSkills = 50
	// maxDescription is the longest text of an advert that is read, in bytes.
	maxDescription = 32 << 10
)

// Job is one advert (https://schema.org/JobPosting). Empty fields are not stated.
type Job struct {
	// Title is the role; Category what the advert files it under.
	Title    string `json:"title"`
	Category string `json:"category,omitempty"`
	Company  string `json:"company,omitempty"`
	// Skills are the skills asked for, one by one; at most 50.
	Skills []string `json:"skills,omitempty"`
	// Posted and Until are as stated, day first cut off from any time: YYYY-MM-DD.
	Posted     string `json:"posted,omitempty"`
	Until      string `json:"until,omitempty"`
	Employment string `json:"employment,omitempty"`
	Locality   string `json:"locality,omitempty"`
	Country    string `json:"country,omitempty"`
	Remote     bool   `json:"remote,omitempty"`
	// CompanyURLs are addresses that the advert gives for the company: its site and profiles.
	CompanyURLs []string `json:"company_urls,omitempty"`
	// Description is what the advert asks for (description, responsibilities, qualifications, experience), as the HTML it is
	// written in, at most 32 KiB. Benefits are not read.
	Description string `json:"-"`
}

// JobsOf returns the adverts of a page, at most 100, each once.
func JobsOf(nodes []*Node) []Job {
	var out []Job
	Walk(nodes, func(n *Node, _ int, _ string) bool {
		if !n.Is("JobPosting") {
			return len(out) < maxJobs
		}
		j := jobOf(n)
		if j.Title != "" && len(out) < maxJobs && !slices.ContainsFunc(out, func(k Job) bool { return k.same(&j) }) {
			out = append(out, j)
		}
		return false
	})
	return out
}

func (j *Job) same(k *Job) bool {
	return j.Title == k.Title && j.Posted == k.Posted && j.Locality == k.Locality && j.Company == k.Company
}

func jobOf(n *Node) Job {
	j := Job{
		Title: clip(n.Text("title")), Category: clip(n.Text("occupationalCategory")), Posted: day(n.Text("datePosted")), Until: day(n.Text("validThrough")),
		Employment: clip(strings.Join(n.Texts("employmentType"), ", ")), Remote: strings.EqualFold(n.Text("jobLocationType"), "TELECOMMUTE"),
		Company: clip(n.Text("hiringOrganization")),
	}
	if j.Title == "" {
		j.Title = clip(n.Text("name"))
	}
	for _, at := range n.Nodes("jobLocation") {
		if a := postal(at.get("address")); a != nil && j.Locality == "" {
			j.Locality, j.Country = a.Locality, a.Country
		}
	}
	j.Skills = skills(n.Texts("skills"))
	for _, c := range n.Nodes("hiringOrganization") {
		for _, u := range append(c.Texts("url"), c.Texts("sameAs")...) {
			if u = address(u); u != "" && len(j.CompanyURLs) < maxSameAs {
				j.CompanyURLs = append(j.CompanyURLs, u)
			}
		}
	}
	j.Description = description(n)
	return j
}

// description puts the texts of an advert together, each in a block of its own.
func description(n *Node) string {
	var out strings.Builder
	for _, key := range [...]string{"description", "responsibilities", "qualifications", "experienceRequirements", "skills"} {
		for _, t := range n.Texts(key) {
			if strings.Count(t, " ") < 3 && key == "skills" { // a name: it is among Skills
				continue
			}
			out.WriteString("<div>" + clipTo(t, max(0, maxDescription-out.Len()-len("<div></div>"))) + "</div>")
			if out.Len() >= maxDescription {
				return out.String()
			}
		}
	}
	return out.String()
}

// skills parts lists that stand in one text; a sentence is no skill.
func skills(texts []string) []string {
	const longest = 80
	var out []string
	for _, t := range texts {
		for s := range strings.FieldsFuncSeq(t, func(r rune) bool { return r == ',' || r == ';' || r == '|' || r == '•' || r == '·' }) {
			s = strings.Trim(s, " .-*")
			if s != "" && len(s) <= longest && len(out) < maxSkills && !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}
