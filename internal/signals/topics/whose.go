package topics

import (
	"strings"

	"telltale/internal/pages"
	"telltale/internal/signals/phrase"
)

// customerPost reports a post in the account's forum that addresses the account: "does your scanner run on Azure?" is a
// customer's question.
func (w *work) customerPost() bool {
	if w.page.Kind != pages.KindForum {
		return false
	}
	low := strings.ToLower(w.block.Text)
	return strings.Contains(low, " your ") || strings.Contains(low, " euer") || strings.Contains(low, " eure") || strings.Contains(low, " votre ")
}

// ours reports a page on which a company tells of itself, so that a sentence without a subject is the account's:
// its blog, its news, its forum, where the text speaks of us or names the account.
func (w *work) ours() bool {
	switch w.page.Kind {
	case pages.KindBlog, pages.KindPress, pages.KindFeed, pages.KindSocial:
		return len(w.page.Names) > 0 && w.page.Speaks()
	default:
	}
	return false
}

func (w *work) speaksOwn() bool {
	if w.own == 0 {
		w.own = 2
		if phrase.SpeaksOwn(w.block.Text) || w.page.Mentions(w.block.Text) {
			w.own = 1
		}
	}
	return w.own == 1
}
