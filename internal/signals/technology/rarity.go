package technology

import (
	"slices"
	"strings"
)

// typicalPage is a page as most are. A literal in it is no sign of anything: such literals are not looked for where
// a pattern has a better one.
const typicalPage = `<!doctype html><html lang="en" class="no-js"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta property="og:title" content="home"><meta name="description" content="the best text"><meta http-equiv="x-ua-compatible" content="ie=edge"><title>home</title>
<link rel="stylesheet" href="https://www.acme.com/assets/css/style.min.css?v=1.0" type="text/css" media="all" /><link rel="canonical" href="http://acme.com/">
<link rel="icon" type="image/png" href="/images/favicon.png"><link rel='stylesheet' id='main-css' href='https://www.acme.com/assets/static/main.css' type='text/css' media='all' />
<link rel="alternate" type="application/json"><style type="text/css">.container{display:none;color:#fff;font-size:12px;background:url(/img/bg.jpg)}
@import url("fonts.css");@media (max-width:100%) and (min-width:768px){.label-on .el-in .fa{max-height:1px;min-height:0;margin-left:0;padding:0;line-height:1;text-align:left;border-radius:3px}}@font-face{}</style>
<meta name="author" property="article:author" content="edit"><meta property="og:image" content="case">
<script type="text/javascript" src="https://cdn.acme.com/assets/js/jquery.min.js" async defer></script><script type='text/javascript' src='https://static.acme.com/js/main.js'></script>
<script>window.data=window.data||[];var config={"url":"https:\/\/www.acme.com\/","name":"value","id":"app","type":"page","version":"1.0"};function(){return document.getElementById("main").data('true','false')}</script>
<script type="text/javascript">//<![cdata[</script></head><body class="home page template default"><!-- header --><div id="page" class="page-container content-wrapper"><header class="header" role="banner">
<nav class="main-menu nav"><ul class="menu list"><li class="menu-item item"><a href="https://www.acme.com/about" class="link button btn" title="about" target="_blank" rel="noopener">about</a></li></ul></nav></header>
<main id="main" class="content"><article class="post entry"><h1 class="title">powered by the team</h1><p>contact us for more</p><img src="https://images.acme.com/media/image.jpg" alt="logo" width="100" height="100" class="img" loading="lazy" srcset="image.png 1x" style="width:100%">
<form action="/search" method="post" class="form search-form"><input type="hidden" name="csrf" value="1"><input type="text" name="email" placeholder="email"><button type="submit" class="btn">send</button></form>
<table class="table"><tr><td>text</td></tr></table><div class="row"><div class="col-md-6 section block"><span class="icon label">common desktop mobile</span><video src="video.mp4"></video><iframe src="//www.acme.com/embed/"></iframe></div></div>
<a href="mailto:mail@acme.com">mail</a><svg class="svg"></svg></article></main><footer id="footer" class="footer"><div class="copyright">&copy; copyright all rights reserved</div></footer></div><script src="/js/app.js"></script></body></html>`

// rarity ranks a clause by its commonest literal: the longer the rarer, and what stands in a typical page is hardly rare at all.
func rarity(literals []string) int {
	least := 8 * maxLiteral
	for _, l := range literals {
		n := 4 * len(l)
		if strings.Contains(typicalPage, l) {
			n = len(l)
		} else if strings.Trim(l, "abcdefghijklmnopqrstuvwxyz") == "" {
			n -= len(l) // a plain word
		}
		least = min(least, n)
	}
	return least
}

// maxClauses is how many clauses of one pattern are looked for.
const maxClauses = 3

// rarest returns the clauses that tell most, the rarest first; those of typical pages only where there is no other.
func rarest(list []clause) []clause {
	if len(list) < 2 {
		return list
	}
	for i := range list {
		list[i].rarity = rarity(list[i].literals)
	}
	slices.SortStableFunc(list, func(a, b clause) int { return b.rarity - a.rarity })
	for i, c := range list {
		if i == maxClauses || i > 0 && slices.ContainsFunc(c.literals, isTypical) {
			return list[:i]
		}
	}
	return list
}

func isTypical(literal string) bool { return strings.Contains(typicalPage, literal) }
