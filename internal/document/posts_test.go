package document

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"telltale/internal/pages"
)

func thread(t testing.TB, body string) *Document {
	t.Helper()
	d, err := Parse(&pages.Page{Domain: "forum.example", URL: "https://forum.example/t/1", Status: 200, FetchedAt: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), Body: []byte("<!doctype html><html><body>" + body)})
	if err != nil {
		t.Fatal(err)
	}
	d.Kind = pages.KindForum
	d.ReadPosts()
	return d
}

// said is what the page says itself, each block with the day of its post.
func said(d *Document) string {
	var out []string
	for i := range d.Blocks {
		b := &d.Blocks[i]
		if !d.Own(b) {
			continue
		}
		day := "-"
		if p := d.PostAt(b.Offset); p != nil && !p.At.IsZero() {
			day = p.At.Format(time.DateOnly)
		}
		out = append(out, day+" "+b.Text)
	}
	return strings.Join(out, "\n")
}

func TestAThreadIsReadPostByPost(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"Discourse": {`<h1>Mail</h1><div id="post_1" class="topic-body crawler-post"><time datetime="2026-01-02T10:00:00Z">2 Jan</time><div class="post"><p>We move to Azure.</p></div></div>
<div id="post_2" class="topic-body crawler-post"><time datetime="2026-02-03T10:00:00Z">3 Feb</time><div class="post"><aside class="quote"><div class="title">ann:</div><blockquote><p>We move to Azure.</p></blockquote></aside><p>Why?</p></div></div><p>Powered by</p>`,
			"- Mail\n2026-01-02 2 Jan\n2026-01-02 We move to Azure.\n2026-02-03 3 Feb\n2026-02-03 Why?\n- Powered by"},
		"phpBB": {`<div id="p7" class="post has-profile bg2"><time datetime="2026-01-02T10:00:00+00:00">x</time><div class="content">First.</div><div id="sig7" class="signature">Azure for ever</div></div>
<div id="p8" class="post bg1"><time datetime="2026-01-04T10:00:00+00:00">y</time><div class="content"><blockquote><div><cite>ann wrote:</cite>First.</div></blockquote>Second.</div></div>`,
			"2026-01-02 x\n2026-01-02 First.\n2026-01-04 y\n2026-01-04 Second."},
		"vBulletin": {`<ol><li class="postbitlegacy postbit" id="post_12"><time itemprop="dateCreated" datetime="2026-01-05">z</time><div class="postbody"><div class="bbcode_container"><div class="bbcode_quote">old</div></div>New.</div><div class="signaturecontainer">me</div></li></ol>`,
			"2026-01-05 z\n2026-01-05 New."},
		"Stack Exchange": {`<div class="question" data-questionid="1" id="question"><p>Ask.</p><span title="2026-03-09 08:00:00Z" class="relativetime">edited</span><span title="2026-03-01 08:00:00Z" class="relativetime">asked</span></div>
<div id="answer-55" class="answer js-answer"><p>Answer.</p><time itemprop="dateCreated" datetime="2026-03-02T08:00:00">then</time></div>`,
			"2026-03-01 Ask.\n2026-03-01 editedasked\n2026-03-02 Answer.\n2026-03-02 then"},
		"GitHub Discussions": {`<div id="discussion-44" class="js-discussion"><relative-time datetime="2026-04-01T00:00:00Z">Apr 1</relative-time><p>Body.</p></div><div id="discussioncomment-9" class="timeline-comment"><relative-time datetime="2026-04-02T00:00:00Z">Apr 2</relative-time><div class="email-quoted-reply">Body.</div><p>Reply.</p></div>`,
			"2026-04-01 Apr 1\n2026-04-01 Body.\n2026-04-02 Apr 2\n2026-04-02 Reply."},
		"a post of tomorrow's year":        {`<div id="p7" class="post"><time datetime="2031-01-02">x</time><div>First.</div></div>`, "- x\n- First."},
		"another make":                     {`<div class="post"><time datetime="2026-01-02">x</time><blockquote>Kept.</blockquote></div>`, "- x\n- Kept."},
		"a quotation outside of all posts": {`<blockquote>Kept.</blockquote><div id="p7" class="post">First.</div>`, "- Kept.\n- First."},
	} {
		t.Run(name, func(t *testing.T) {
			if got := said(thread(t, c.body)); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestWhatStandsInAnotherAttributeMakesNoPost(t *testing.T) {
	d := thread(t, `<div title="a id=post-7 class=post b"><p>We move to Azure.</p></div><div id="&#112;8" class="post"><p>So do we.</p></div>`)
	if len(d.Posts) != 1 || !strings.Contains(string(d.Body[d.Posts[0].Start:d.Posts[0].End]), "So do we") {
		t.Errorf("posts %+v", d.Posts)
	}
}

func TestAThreadOfTenThousandPostsIsBounded(t *testing.T) {
	var b strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&b, `<div id="p%d" class="post"><blockquote>`, i)
	}
	if n := len(thread(t, b.String()).Posts); n != maxPosts {
		t.Errorf("%d posts", n)
	}
}

func FuzzReadPosts(f *testing.F) {
	f.Add(`<div id="p7" class="post"><time datetime="2026-01-02">x</time>`)
	f.Add(`<div id=p7 class=post><blockquote class='quote' datetime=>`)
	f.Fuzz(func(t *testing.T, body string) {
		d := thread(t, body)
		for _, p := range d.Posts {
			if p.Start < 0 || p.End < p.Start || p.End > len(d.Body) {
				t.Errorf("post %+v of %d bytes", p, len(d.Body))
			}
		}
	})
}
