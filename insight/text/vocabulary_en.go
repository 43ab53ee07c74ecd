package text

// english is what tells in English what a comment says.
var english = vocabulary{
	denials:    `not no never nothing nobody none without hardly neither nor dont wont cant cannot didnt isnt wasnt doesnt`,
	absences:   `lack lacks lacking`,
	distances:  `unlike almost nearly previous previously former formerly`,
	eases:      `easy easily`,
	wishes:     `would could should if wish`,
	wonders:    `believe understand imagine wait doubt only`,
	deniesVerb: ``,
	contrasts:  `but however although though`,
	stronger: `very extremely really so too absolutely totally completely incredibly highly super truly always especially extra far
		way most`,
	weaker: `slightly somewhat little bit rather quite fairly sometimes occasionally minor partly mostly`,
	common: `the a an and or of to in is it that this for on with as was are be by at from have has had not they we you i he she my
		your our their his her its were been which who when what how there here all can could would should will did does do am
		if than then them us me so about after before because while again just only very more most some any other these those
		into over out up down off ever every each both few own same never always please still too also back get got im ive
		dont didnt thing things yet now where why nothing nobody someone no day days week weeks month months year years`,
	complaints: `
		will|ll|gonna|must|shall cancel
		going|want|wants|have|had|decided|need|plan|planning|intend to cancel
		am|m|are|re cancelling|canceling
		cancel|cancelling|canceling|cancelled|canceled my|our subscription|contract|account|membership
		switch|switching|switched|moving|move|going|go to _ competit*
		switch|switching|switched|moving|move|going to another|different provider|vendor|supplier|company|tool
		look|looking|searching for _ alternative|alternatives|replacement
		want|demand|expect|need|give _ refund
		want|demand|give _ money back
		never again
		not|never renew|renewing
		not going to renew
		not|never recommend you|it|this|them
		worst _ service|support|experience|company|product|software|vendor|supplier|tool|ever
		terrible|horrible|awful|appalling|atrocious|abysmal|dreadful|disgraceful|unacceptable|outrageous|disgusting|pathetic
		furious|livid|outraged
		fed up
		sick of
		very|extremely|really|so|deeply|bitterly disappointed|disappointing|frustrated|unhappy|dissatisfied|angry|upset
		rip off
		ripoff|scam|scammed|scammers
		ripped off
		lied to me|us
		waste of time|money
		complete|total|absolute|utter disaster|joke|nightmare|mess|disgrace|rubbish
		my|our lawyer|lawyers|solicitor|attorney
		legal action
		sue you
		not work|working at all
		useless|worthless|unusable
		i|we hate
		shame on you
	`,
	dislikes: `
		bad|badly|poor|poorly|worse|lousy|mediocre|inferior|weak
		slow|slowly|sluggish|laggy|lag|lags|late|delay|delays|delayed|overdue
		wait|waiting|waited _ long|forever|ages|hours|days|weeks|months
		long wait|waits|delays|queue|queues
		expensive|overpriced|pricey|costly
		too expensive|high|much|many|complicated|complex|long|slow|late|few
		price|prices _ increase|increased|up|high|higher
		hidden fees|costs|charges
		difficult|hard|complicated|complex|confusing|confused|unclear|cumbersome|clunky|clumsy|unintuitive|counterintuitive|tedious
		hard|difficult to use|find|reach|understand|navigate|get
		bug|bugs|buggy|glitch|glitches|glitchy|error|errors|crash|crashes|crashed|crashing|outage|outages|freezes|froze
		broke|broken|fail|fails|failed|failing|failure|failures|faulty|defective|damaged|unstable|unreliable
		problem|problems|issue|issues|trouble|troubles|hassle|flaw|flaws|mistake|mistakes|wrong|incorrect|inaccurate
		not work|working|worked|answer|answered|respond|responded|reply|replied|help|helped|arrive|arrived|solve|solved|resolved|fixed
		never answer*|respon*|repl*|arrive*|got|received|called|works|worked
		no answer|answers|response|responses|reply|replies|help|support|solution|explanation|information|communication|feedback
		nobody|noone|answers|answered|helps|helped|cares|called|responds|responded
		unhelpful|unfriendly|rude|impolite|arrogant|incompetent|unprofessional|careless|dismissive|indifferent|ignored|ignoring|ignores|clueless
		disappoint|disappoints|disappointed|disappointing|disappointment|unhappy|dissatisfied|unsatisfied|unsatisfactory|frustrated|frustrating|frustration
		annoy|annoys|annoyed|annoying|irritating|angry|upset|upsetting|sad|worried|worrying|stressful|painful|nightmare|mess|messy|joke
		complain|complained|complaint|complaints|regret|regrets
		missing|lack|lacks|lacking|lacked|incomplete|limited|insufficient|inadequate
		misleading|misled|dishonest|untrue|lie|lied|lies
		waste|wasted|pointless|unnecessary|unfair|unjustified|inconvenient|inconsistent
		terrible|horrible|awful|useless|worthless|hate|hates|hated|worst|crap|garbage|rubbish|sucks
		outdated|dated|ugly|boring|old fashioned
		still waiting|unresolved|open|broken|missing
		again and again
		cancel|cancelled|canceled|cancelling|leaving|leave
		overcharged|double charged
		charged twice
		shame|ashamed|scandal
		get|gets|got|getting|became worse
		far from _ perfect|ideal|good|great|satisfied|happy|easy|satisfactory
		thanks for nothing
		nothing _ works|worked|working|functions
		could|should|might be better|faster|cheaper|quicker|easier|clearer|friendlier
		would have liked|expected|preferred|wished
		expected|expecting|hoped|hoping _ more|better
		leaves|leave|left|leaving _ to be desired
		not a fan
		not worth
		not without problems|issues|problem|trouble|hassle|delays|bugs
		never|not buy|use|order|choose|come|do _ again
		hardly|barely usable|works|working|worked|usable
		meh
	`,
	likes: `
		good|nice|nicely|great|fine|decent|solid|lovely|pleasant|pleasantly|cool|neat|superb
		helpful|friendly|kind|kindly|polite|patient|attentive|competent|professional|knowledgeable|courteous|responsive|caring|welcoming
		fast|quick|quickly|prompt|promptly|rapid|swift|swiftly|efficient|efficiently|timely|punctual|immediately
		on time
		easy|easily|simple|simply|intuitive|straightforward|clear|clearly|smooth|smoothly|convenient|seamless|seamlessly|effortless
		reliable|reliably|stable|consistent|robust|trustworthy|dependable|secure
		works|worked|working well|fine|great|perfectly|flawlessly
		happy|glad|pleased|satisfied|delighted|impressed|impressive|enjoy|enjoyed|enjoying|enjoyable|love|loves|loved|like|liked
		thanks|thank|thankful|grateful|appreciate|appreciated|appreciates
		recommend|recommended|recommending
		useful|valuable|worth|beneficial|affordable|reasonable|fair|cheap
		well done|made|designed|organised|organized|thought|structured|explained|documented
		excellent|fantastic|amazing|outstanding|brilliant|wonderful|awesome|perfect|perfectly|best
		solved|resolved|fixed _ quickly|immediately|fast|promptly|problem|problems|issue|issues
		saves|saved|saving _ time|money|hours
		good|great|excellent value|quality
		better than
		keep it up
		keep up the
		improved|improvement|improvements|improving
		exceeded|exceeds|beyond expectations
		no|without|never|zero complaints|problems|problem|issues|issue|trouble|hassle|delay|delays|bugs
		nothing to complain|improve
		not bad
		never had problems|issues|trouble|a
		would|will not|never hesitate to _ recommend|buy|use|order|choose
		would|d|will|ll|can _ recommend
		would|d|will|ll _ buy|use|order|choose|come|return again|back
		not|never hesitate to _ recommend|buy|use|order|choose
		without hesitation
		could|can|ca not be|get|ask|have _ better|happier|easier|faster|smoother|friendlier|simpler|more
		couldnt|cannot|cant be|get|ask|have _ better|happier|easier|faster|smoother|friendlier|simpler|more
		can|ca|could not fault
		not|cannot|cant|couldnt recommend|thank|praise|fault _ enough
		cannot|cant|couldnt fault
	`,
	praises: `
		i|we love
		excellent|fantastic|amazing|outstanding|brilliant|wonderful|awesome|superb|perfect|perfectly
		great service|support|team|product|job|experience|tool|work|people|help
		very|extremely|really|so|absolutely happy|satisfied|pleased|helpful|impressed
		thank you so much
		best _ service|support|experience|company|product|tool|team|ever
		highly recommend|recommended
	`,
}
