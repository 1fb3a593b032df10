package phrase

import "strconv"

// undatedOld is the year before which what is told with "in" and a year is long ago, in a text of which no date is known.
const undatedOld = 2015

// oldYear reports a year, in no product's name, two years or more before the page's.
func oldYear(sen *Sentence, now int) bool {
	old, fresh := false, false
	for i, t := range sen.Tokens {
		if !t.Has(Year) || t.Ent != 0 {
			continue
		}
		y, err := strconv.Atoi(sen.Text[t.Start:t.End])
		switch {
		case err != nil:
		case now == 0:
			old = old || y < undatedOld && sen.dates(i)
			fresh = fresh || y >= undatedOld
		default:
			old = old || y <= now-2
			fresh = fresh || y >= now-1
		}
	}
	return old && !fresh
}

// dates reports that the year at token i says when the sentence's news was ("in 1987"), not since when its subject is ("founded in 1987").
func (sen *Sentence) dates(i int) bool {
	if i == 0 || !within(fold(sen.Word(i-1))) {
		return false
	}
	return i < 2 || sen.Tokens[i-1].Has(First) || !founded(fold(sen.Word(i-2)))
}

func within(w string) bool {
	switch w {
	case "in", "im", "en", "i", "jahr", "jahre", "année", "año", "år", "jaar":
		return true
	}
	return false
}

func founded(w string) bool {
	switch w {
	case "founded", "established", "started", "born", "gegründet", "fondée", "fondé", "fundada", "fundado", "grundat", "opgericht":
		return true
	}
	return false
}
