package phrase

import "telltale/internal/pages"

// answered reports that a question is the account's own: it asks itself, in its forum or in plain text.
func answered(asked bool, page *Page) bool {
	return asked && (page.Kind == pages.KindForum || len(page.Names) == 0)
}

// single reports that, on the site of a company, whoever speaks says "I" throughout.
func (r *Reading) single(sen *Sentence, page *Page) bool {
	if len(page.Names) == 0 {
		return false
	}
	for _, s := range r.spans[CueOwn] {
		if s.End > s.Start+1 || !singular(fold(sen.Word(s.Start))) {
			return false
		}
	}
	return r.Has(CueOwn)
}

func singular(w string) bool {
	switch w {
	case "i", "my", "me", "ich", "mein", "meine", "meinem", "meinen", "meiner", "meines", "je", "mon", "ma", "mes", "jag", "mitt", "min", "ik", "mijn":
		return true
	}
	return false
}

// quotesOther reports speech whose speaker belongs to a company that is not the account.
func (r *Reading) quotesOther(sen *Sentence, page *Page) bool {
	if len(page.Names) == 0 || !page.Named {
		return false
	}
	for _, s := range r.spans[CueReported] {
		for i := s.Start; i+1 < s.End; i++ {
			switch sen.Word(i) {
			case "at", "of", "from", "bei", "von", "chez", "de", "på", "van":
				if sen.Tokens[i+1].Has(Upper) && !r.speaksForUs(sen, i+1, page) && r.company(sen, i+1) {
					return true
				}
			}
		}
	}
	return false
}

// namesUs reports that the sentence holds the account's name.
func namesUs(sen *Sentence, page *Page) bool {
	for i := range sen.Tokens {
		if sen.Tokens[i].Has(Upper) && page.Is(sen.Word(i)) {
			return true
		}
	}
	return false
}

// speaksForUs reports the account's name within the capitalised words from i on.
func (r *Reading) speaksForUs(sen *Sentence, i int, page *Page) bool {
	for ; i < len(sen.Tokens) && sen.Tokens[i].Has(Upper); i++ {
		if page.Is(sen.Word(i)) {
			return true
		}
	}
	return false
}

// company reports that the capitalised word at i is a name rather than a department ("Head of IT").
func (r *Reading) company(sen *Sentence, i int) bool {
	return !departments(fold(sen.Word(i))) && !sen.Tokens[i].Has(Caps)
}

func departments(w string) bool {
	switch w {
	case "it", "operations", "finance", "sales", "marketing", "technology", "information", "digital", "security",
		"engineering", "infrastructure", "product", "procurement", "data", "people", "human", "hr", "business", "development",
		"services", "the", "our", "group":
		return true
	}
	return false
}
