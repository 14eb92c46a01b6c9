package importer

import "strings"

// domainOf returns the domain at which a company is, of a domain, an email address or the address
// of a page: https://www.acme.example/about and office@acme.example are at acme.example. ok is
// false for anything else.
func domainOf(text string) (domain string, ok bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if _, after, found := strings.Cut(text, "://"); found {
		text = after
	}
	text = strings.TrimPrefix(text, "mailto:")
	if end := strings.IndexAny(text, "/?#"); end >= 0 {
		text = text[:end]
	}
	text = text[strings.LastIndexByte(text, '@')+1:]
	if end := strings.IndexByte(text, ':'); end >= 0 {
		text = text[:end]
	}
	text = strings.TrimPrefix(strings.TrimSuffix(text, "."), "www.")
	dot := strings.LastIndexByte(text, '.')
	if dot < 1 || dot == len(text)-1 || strings.Contains(text, "..") || strings.ContainsAny(text,
		" \t\r\n,;|<>()[]\"'\\") ||
		strings.Trim(text, "0123456789.") == "" {
		return "", false
	}
	return text, true
}

// freeMail are the domains at which anybody may have an address, so that they identify no company.
var freeMail = func() map[string]bool {
	all := map[string]bool{}
	for _, domain := range strings.Fields(`
gmail.com googlemail.com outlook.com outlook.de outlook.fr outlook.es outlook.it hotmail.com hotmail.co.uk hotmail.de
hotmail.fr hotmail.es hotmail.it live.com live.co.uk live.de live.fr live.nl live.it msn.com passport.com
windowslive.com
yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.es yahoo.it yahoo.ca yahoo.com.br yahoo.com.mx yahoo.com.ar yahoo.com.au
yahoo.co.in yahoo.co.jp yahoo.in ymail.com rocketmail.com aol.com aol.de aim.com icloud.com me.com mac.com
proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tutamail.com tuta.io hey.com fastmail.com
fastmail.fm zoho.com zohomail.com zohomail.eu gmx.de gmx.net gmx.com gmx.at gmx.ch gmx.fr gmx.us web.de freenet.de
t-online.de arcor.de mail.de mailbox.org posteo.de posteo.net online.de email.de vodafone.de 1und1.de
orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr numericable.fr libero.it virgilio.it alice.it tin.it
tiscali.it fastwebnet.it telefonica.net terra.es ono.com terra.com.br uol.com.br bol.com.br ig.com.br
bluewin.ch hispeed.ch sunrise.ch aon.at chello.at chello.nl ziggo.nl kpnmail.nl planet.nl xs4all.nl home.nl hetnet.nl
skynet.be telenet.be proximus.be btinternet.com sky.com ntlworld.com virginmedia.com talktalk.net blueyonder.co.uk
comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net juno.com
rogers.com shaw.ca sympatico.ca bigpond.com optusnet.com.au telia.com telenor.no online.no
o2.pl wp.pl onet.pl interia.pl op.pl poczta.fm seznam.cz centrum.cz email.cz azet.sk freemail.hu citromail.hu abv.bg
mail.ru inbox.ru list.ru bk.ru yandex.ru yandex.com ya.ru rambler.ru ukr.net i.ua
qq.com 163.com 126.com sina.com sina.cn sohu.com yeah.net foxmail.com aliyun.com naver.com hanmail.net daum.net
rediffmail.com mail.com email.com inbox.com usa.com gawab.com walla.co.il hotmail.co.jp docomo.ne.jp ezweb.ne.jp`) {
		all[domain] = true
	}
	return all
}()
