package document

import (
	"strings"
	"time"

	"golang.org/x/net/html/atom"
)

// Bounds on a thread.
const (
	maxPosts = 1_000
	// maxWithin is how many tags the end of a post, a quotation or a signature is looked for in.
	maxWithin = 4_000
)

// Post is one post of a thread: its bytes in the body, and when it was written (UTC; zero where it does not say).
type Post struct {
	Start, End int
	At         time.Time
}

// ReadPosts parts a forum's page into its posts (Discourse, phpBB, vBulletin, Stack Exchange, GitHub Discussions), and takes out of its
// blocks what posts only repeat: quotations of other posts and signatures become chrome. On a page of another make it does nothing.
// Whoever names the page's kind calls it once, before rules read the page.
func (d *Document) ReadPosts() {
	at := d.postTags()
	if len(at) == 0 {
		return
	}
	d.Posts = make([]Post, len(at))
	for i, tag := range at {
		end := d.elementEnd(tag)
		if i+1 < len(at) {
			end = min(end, int(d.Tags[at[i+1]].Start))
		}
		d.Posts[i] = Post{Start: int(d.Tags[tag].Start), End: end, At: d.postDate(tag, end)}
	}
	d.dropRepeats()
}

// PostAt returns the post that a byte of the body stands in; nil for none.
func (d *Document) PostAt(offset int) *Post {
	for i := range d.Posts {
		if p := &d.Posts[i]; p.Start <= offset && offset < p.End {
			return p
		}
	}
	return nil
}

// postTags returns the places in Tags of the elements that hold a post each.
func (d *Document) postTags() []int {
	var out []int
	for i := range d.Tags {
		t := &d.Tags[i]
		if t.Closing || len(out) >= maxPosts || !holdsPosts(t.Atom) {
			continue
		}
		if attrs := d.attrsOf(t); isPost(attr(attrs, "id"), attr(attrs, "class")) {
			out = append(out, i)
		}
	}
	return out
}

func holdsPosts(a atom.Atom) bool {
	return a == atom.Div || a == atom.Article || a == atom.Li || a == atom.Table || a == atom.Section
}

// isPost knows the containers of posts: by classes alone, or by an id with a number beside the class.
func isPost(id, class string) bool {
	first, number := strings.TrimRight(id, "0123456789"), strings.TrimLeft(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_")
	numbered := number != "" && first+number == id
	for c := range strings.FieldsSeq(class) {
		switch c {
		case "crawler-post", "onscreen-post", "postbit", "postbitlegacy", "b-post":
			return true
		case "post", "question", "answer", "topic-body", "postcontainer", "timeline-comment", "js-discussion", "discussion-timeline-item":
			if numbered || c == "question" && id == "question" {
				return true
			}
		}
	}
	return numbered && (first == "discussion-" || first == "discussioncomment-")
}

// postDate is the earliest day or time that the markup of a post states: what was edited, or answered, came later.
func (d *Document) postDate(tag, end int) (earliest time.Time) {
	for i := tag; i < len(d.Tags) && int(d.Tags[i].Start) < end; i++ {
		t := &d.Tags[i]
		if t.Closing {
			continue
		}
		attrs := d.attrsOf(t)
		value := attr(attrs, "datetime")
		if value == "" && strings.Contains(attr(attrs, "class"), "relativetime") {
			value = attr(attrs, "title")
		}
		if value == "" {
			value = attr(attrs, "data-time")
		}
		if value == "" {
			continue
		}
		st, ok := parseDate(value)
		if ok && st.precision >= PrecisionDay && believable(d, st) && (earliest.IsZero() || st.at.Before(earliest)) {
			earliest = st.at.UTC()
		}
	}
	return earliest
}

// dropRepeats makes chrome of the blocks within quotations and signatures.
func (d *Document) dropRepeats() {
	post, next, until, dropped := 0, 0, 0, 0
	for i := range d.Tags {
		t := &d.Tags[i]
		start := int(t.Start)
		for post < len(d.Posts) && d.Posts[post].End <= start {
			post++
		}
		if post == len(d.Posts) || dropped > maxPosts {
			return
		}
		if t.Closing || start < until || start < d.Posts[post].Start || !d.repeats(t) {
			continue
		}
		until, dropped = min(d.elementEnd(i), d.Posts[post].End), dropped+1
		for next < len(d.Blocks) && d.Blocks[next].Offset < start {
			next++
		}
		for ; next < len(d.Blocks) && d.Blocks[next].Offset < until; next++ {
			d.Blocks[next].Role = RoleChrome
		}
	}
}

// repeats reports the element of a quotation or a signature.
func (d *Document) repeats(t *Tag) bool {
	if t.Atom == atom.Blockquote {
		return true
	}
	if t.Atom != atom.Div && t.Atom != atom.Aside && t.Atom != atom.Span && t.Atom != atom.Td {
		return false
	}
	for c := range strings.FieldsSeq(attr(d.attrsOf(t), "class")) {
		switch c {
		case "signature", "signaturecontainer", "post-signature", "quote", "bbcode_quote", "bbcode_container", "quote_container", "email-signature-reply", "email-quoted-reply":
			return true
		}
	}
	return false
}

// elementEnd is where the element that begins at a tag ends; the tag's own end where that is too far to be found.
func (d *Document) elementEnd(at int) int {
	open := 0
	for i := at; i < len(d.Tags) && i-at < maxWithin; i++ {
		switch t := &d.Tags[i]; {
		case t.Atom != d.Tags[at].Atom:
		case !t.Closing:
			open++
		default:
			if open--; open == 0 {
				return int(t.End)
			}
		}
	}
	return int(d.Tags[at].End)
}
