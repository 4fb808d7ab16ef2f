package memory

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// The check of Chinese texts reads clauses by what stands right before and right after a name: without blanks between words, that is
// what can be told for sure.

var (
	dreamChinese = regexp.MustCompile(`梦|闭上眼.{0,6}(想|回忆|记)|想起(了)?(那|从前|小时候|当年)|回忆起|多年前|(几|十|` +
		`[一二两三四五六七八九]+)年前|那一?年|很久以前|从前`)
	wakeChinese = regexp.MustCompile(`醒来|醒了|惊醒|回过神|睁开眼|睁眼|梦醒|如今|眼前的`)

	// unrealAnywhereZh makes a sentence say nothing about who acts now, wherever it stands.
	unrealAnywhereZh = regexp.MustCompile(`梦|幽灵|鬼魂|亡魂|亡灵|魂魄|阴魂|照片[里上中]|相片|画像|遗像|肖像|画[里中]|录音|录像|遗书|` +
		`信[里中上]|日记[里中上]|坟|墓|葬|灵堂|遗体|尸体|棺|回忆|记忆|幻觉|幻影|幻象|幻想|生前|曾经|当年|从前|那一?年|以前|往日|昔日|` +
		`小时候|活着的时候|在世|多年前|年前|故事[里中]|传说[里中]|雕像|塑像|头七|周年|忌日|心[里中头底]|脑海|镜[里中]|倒影|遗物|悼|祭`)
	// unrealBeforeZh makes what follows it unreal.
	unrealBeforeZh = regexp.MustCompile(`仿佛|好像|好似|似乎|如同|宛如|宛若|犹如|就像|像是|像[^，。]{0,3}$|如果|要是|假如|倘若|若是|若|即使|` +
		`即便|哪怕|想起|记起|记得|忆起|想象|以为|希望|但愿|盼|巴不得|恨不得|宁愿|假装|想念|怀念|思念|怀疑|听说|据说|传说|讲起|说起|` +
		`提起|谈起|谈到|说到|提到|讲故事|讲了个故事|相信|觉得|担心|害怕|忘不了|忘记|没人|无人|谁也|再没|再也没|梦见`)
	otherTimeZh = regexp.MustCompile(`明天|昨天|昨夜|昨晚|去年|前天|后天|将来|以后|早晚|迟早|打算|准备|想去|要去|想在|约|答应|如果|要是|` +
		`假如|倘若|若|从没|从未|不在|没在|未必|难道|[吗？?]`)
	timeShiftZh = regexp.MustCompile(`后来|第二天|次日|翌日|隔天|转眼|不久|等到|直到|(天|夜|小时|钟头|分钟|个月|年|会儿|刻钟|时辰|` +
		`炷香)(之|以)?后|天亮(时|后|之后)|天黑(时|后|之后)|入夜|过了(很|好)?(久|一|半|几|两|三)`)
	travelZh = regexp.MustCompile(`来到|走到|走进|走出|走向|走回|走下|走上|走过|赶到|赶往|赶去|回到|抵达|到达|到了|前往|离开|跑到|跑进|` +
		`跑出|跑向|跑回|跑上|跑下|爬上|爬到|登上|进入|进了|进去|返回|去了|去往|奔向|奔到|奔回|穿过|骑马|骑着|乘|坐车|坐船|带到|带进|` +
		`送到|搬到|移到|逃到|逃出|逃离|溜进|溜出|游到|划到|划向|出发|启程|动身|下到|上到|一路|冲进|冲出|冲到|冲向|闯进|踏进|踏入|迈进|` +
		`追到|追进|追出|赶回|驶向|驶进|驶到|飞到|飞向|来了|过来|抬到|拖到|拉到|押到|领到|领进|跟着`)
	foundZh = regexp.MustCompile(`找到|找回|寻回|寻到|捡回|捡到|捡起|捞|夺回|拿回|取回|要回|收回|赎回|抢回|讨回|还给|还回|归还|交还|` +
		`送回|送了回来|带回|带了回来|失而复得|又有了|回到.{0,6}手|追回|翻出|挖出|物归原主|买回|偷回`)
	mendedZh   = regexp.MustCompile(`修好|修复|修补|补好|粘好|重铸|重做|重新做|重新打|拼好|拼起|复原|修理好|修理|缝好|焊好|接好`)
	notFoundZh = regexp.MustCompile(`没(有|能)?(找|捡|捞|修|夺|拿|取)|找不到|没找|未能|未找|不可能|修不好|想(要)?(找|修|捞|夺|拿|取)|` +
		`要是|如果|假如|但愿|仿佛|再也|永远|无法|不能|梦`)
	farZh = regexp.MustCompile(`(海|河|湖|江|水|井|潭)(底|里|中)|不知(在|去|落|流)|某个地方|天涯`)
)

func readChinese(w *world, s sentence) {
	s.unreal = s.frame || unrealAnywhereZh.MatchString(s.text)
	travelChinese(w, s)
	for _, m := range s.mentions {
		switch m.kind {
		case Item:
			itemChinese(w, s, m)
		case Place:
			placeChinese(w, s, m)
		default:
			if fact, isDead := w.dead[m.one]; isDead && s.actsZh(m) {
				w.report(DeadActs, fact, s)
			}
		}
	}
	hourChinese(w, s)
}

// clauseZh is the clause that a mention is in, before and after it.
func (s sentence) clauseZh(m mention) (before, after string) {
	before, after = s.text[:m.start], s.text[m.end:]
	if i := strings.LastIndexAny(before, "，。；：！？、—…“”,;:!?（）《》\n"); i >= 0 {
		_, size := utf8.DecodeRuneInString(before[i:])
		before = before[i+size:]
	}
	if i := strings.IndexAny(after, "，。；：！？—…“”,;:!?（）\n"); i >= 0 {
		after = after[:i]
	}
	return strings.TrimSpace(before), strings.TrimSpace(after)
}

func (s sentence) unrealZh(m mention) bool {
	return s.unreal || unrealBeforeZh.MatchString(s.text[:m.start])
}

var (
	// beforeSubject may stand between the beginning of a clause and its subject.
	beforeSubject = regexp.MustCompile(`(^|忽然|突然|这时|此时|此刻|这会儿|现在|如今|于是|然后|接着|但是|但|可是|可|而|却|只见|当|等|直到|` +
		`随后|随即|因为|所以|不过|就连|连|还有|轮到|轮到了|该|原来|果然|看见|看到|瞧见|听见|听到|望见|发现|眼看|瞥见|任由|任|让|由|被|` +
		`一旁|身旁|旁边|身边|对面|今天|今晚|同时|终于|难怪|幸好|好在|结果|其实|毕竟|是|那边|这边|跟前|门口|片刻|` +
		`[上里边旁后前中下外口处间头端]|之后|以后|的时候|时|的)$`)
	ofNobody = regexp.MustCompile(`(死去|已故|故去|过世|去世|逝去|死)的$`)
	together = regexp.MustCompile(`(^|[^，。]*?)(和|与|跟|同)$`)
	// standing: 身后站着 X
	standing = regexp.MustCompile(`(站着|坐着|等着|立着|靠着|蹲着|躲着|跪着|走来|跑来|走出|走来了|站|传来|出现了|走进来|冒出)$`)
	// notActing is what follows a name and is no act of somebody alive.
	notActing = regexp.MustCompile(`^(死|已死|已经死|也死|早死|就死|去世|已经去世|已去世|早已|早就|已经不在|不在|没|未|不会|不能|不再|` +
		`不可能|无法|再也|终究没|终于没|终究未|从未|从没|从不|永远|曾|本来|原本|本该|若|要是|如果|留下|留给|遗|之|是|叫|姓|就是|只是|` +
		`也是|也没|也不|都没|都不|走了|走后|走的|走得|出事|遇害|牺牲|下葬|埋|最爱|生|临终|临死|最后|给的|送的|写的|唱的|画的|种的|` +
		`织的|做的|建的|用的|穿的|爱|喜欢|教|属于|一死|的死|如|似乎|仿佛|好像|们|家|般|一样|与世|长眠|安息|躺|那|这|，|。|$)`)
	relative = regexp.MustCompile(`^.{0,3}(留下|写|唱|画|种|织|做|造|建|用|穿|送|给|教|缝|雕|传|酿|爱|住|坐|睡|讲|说|喜欢|喜爱|打)(过|` +
		`下|给.|下来|来)?的|^.{1,2}的那?[条个把座间本张封首艘件]`)
	everDid = regexp.MustCompile(`^.{0,3}[^走穿跑爬越经绕接转递拿拉翻跨飞掠拂抢夺抓探侧别背滑冲伸跳迈挪凑]过(的|[^去来头身脸]|$)`)
	bodyZh  = regexp.MustCompile(`^的(双|两|右|左)?(手指|手|手掌|眼睛|眼神|目光|嘴角|嘴唇|嘴|脸|肩膀|脚步声|脚步|胳膊|手臂|笑声|呼吸|` +
		`拳头|头|声音|喊声|指尖|眉头|牙齿|膝盖|喉咙)`)
	bodyStill = regexp.MustCompile(`^的.{0,8}(冰冷|冰凉|僵|闭着|紧闭|没有|不再|苍白)`)
	objectOf  = regexp.MustCompile(`(对|向|给|替|为|把|将|请|叫|问|比|离|比起|关于|想念|爱|恨|念着|想着|送|像|谢|救|找|等|陪|埋|杀|葬|` +
		`怪|骂|求|认识|喜欢|想|梦见|提到|说起|失去|呼唤|唤)$`)
)

// actsZh says whether a person does something.
func (s sentence) actsZh(m mention) bool {
	before, after := s.clauseZh(m)
	if s.unrealZh(m) || ofNobody.MatchString(before) && !strings.HasPrefix(after, "推") {
		return false
	}
	switch {
	case standing.MatchString(before) && after == "":
		return true
	case bodyZh.MatchString(after):
		part := bodyZh.FindString(after)
		return !bodyStill.MatchString(after) && len(after) > len(part) && !strings.HasPrefix(after[len(part):], "的")
	case strings.HasPrefix(after, "的"), objectOf.MatchString(before) && !beforeSubject.MatchString(before):
		return false
	}
	if other, ok := strings.CutPrefix(after, "和"); ok && !strings.HasSuffix(other, "的") { // X和Y握手
		after = strings.TrimLeft(other, "他她你我们")
		for _, n := range s.mentions {
			if n.kind == Person && n.start == m.end+len("和") {
				_, after = s.clauseZh(n)
			}
		}
	}
	if strings.HasSuffix(before, "是") {
		if after == "" { // 是X，提着篮子
			return before == "是" && strings.HasPrefix(s.text[m.end:], "，")
		}
		if strings.HasSuffix(after, "的") {
			return false
		}
	}
	if notActing.MatchString(after) || relative.MatchString(after) || everDid.MatchString(after) {
		return false
	}
	return beforeSubject.MatchString(before) || together.MatchString(before) && s.othersZh(before, m)
}

// othersZh says whether a clause up to "和" is only another person: 本和 X 握手.
func (s sentence) othersZh(before string, m mention) bool {
	for _, n := range s.mentions {
		if n.kind == Person && n.end < m.start && m.start-n.end <= len("和") {
			start, _ := s.clauseZh(n)
			return beforeSubject.MatchString(start)
		}
	}
	return before == "他和" || before == "她和" || before == "你和" || before == "我和" || before == "他们和"
}

var (
	anotherZh = regexp.MustCompile(`(另|别的|新|第二|第三|同样的|类似的|一模一样的|其他|任何|什么|哪|假|` +
		`一[盏把张枚个只件支块条本顶副根面台架])(一)?[盏把张枚个只件支块条本顶副根面台架]?的?$|买了?[^，。]{0,6}$|借了?[^，。]{0,6}$`)
	wreckedZh = regexp.MustCompile(`(丢失|丢了|遗失|失去|弄丢|丢掉|破碎|碎掉|烧毁|烧焦|毁掉|被毁|断掉|损坏|坏掉|消失|不见|没有|没了|` +
		`少了|缺了|离不开|送出去|归了[^，。]{0,6})的?那?[盏把张枚个只件支块条本顶副根面台架]?$`)
	notUseZh = regexp.MustCompile(`(找|寻|寻找|想|想着|想要|惦记|惦记着|怀念|提到|提起|说起|谈起|需要|缺|问起|打听|丢|丢了|失去|失去了|` +
		`毁了|打碎|打碎了|摔碎|烧了|弄丢|弄丢了|没有|没了|少了|关于|为了|为|去摸|要|换|换了|忘了|忘记|梦见|偷走|偷了|懊悔|看不见|不见|` +
		`记得|叫做|赔|赔了)(那|这|他的|她的|自己的)?[盏把张枚个只件支块条本顶副根面台架]?$`)
	useZh = regexp.MustCompile(`(把|将|用|靠|凭|借着|` +
		`[举提拿夺掏取抽拔握攥抓抱捧点打展翻戴穿吹摇擦挥带背递交接放挂收藏塞披转插端拎扛按敲拉推扔抛扣系佩瞄射磨托抚摸摩抖甩舞揣捏掂夹拄抄操挎叼咬读看摊铺合关锁开旋拧戳指亮裹卷折叠拭])(起|` +
		`着|了|出|住|紧|上|下|过|开|亮|燃|响|回|动|好|给|走|进|拭|拭着|弄|弄着|满)*(那|这|他的|她的|你的|自己的|手里的|手中的|怀里的|` +
		`腰间的|身上的|桌上的|墙上的|沉甸甸的|心爱的)*[盏把张枚个只件支块条本顶副根面台架]?$`)
	afterGone = regexp.MustCompile(`^(已经|已|早就|早已|早|就|全|也|可能|大概|恐怕|真的|又)*(不见|没了|丢|碎|毁|坏|沉|消失|烧|断|不在|` +
		`回不来|再也|没有|呢|在哪|去哪|哪里|到底|还在(海|河|湖|水)|成了|化为|化作|下落|失踪)`)
	remainsZh = regexp.MustCompile(`^的?(碎片|残骸|灰烬|残片|下落|去向|影子|空位|模样|故事|事|残渣|碎屑|踪影|踪迹|线索|位置|残余|铁片|` +
		`遗迹|主人|传说|秘密)`)
	atHandZh = regexp.MustCompile(`^(还|就|正|仍|仍然|依然|一直|好好地|安安稳稳地|稳稳地)*(在|躺在|挂在|插在|藏在|揣在|放在|搁在|握在|` +
		`别在)[^，。]{0,12}(手|口袋|怀|包|腰|桌|身|背|掌|袖|兜|行囊|枕|膝)`)
	worksZh = regexp.MustCompile(`^(还|又|忽然|突然|仍|仍然|依然|正|微微|轻轻|静静地|慢慢地)*(亮|燃|响|照|闪|发光|发出|发亮|摇晃|晃|` +
		`泛|映|散发|嗡|咔|颤|指向|指着|转动|滴答|叮)`)
)

// itemChinese reads what is done with an item.
func itemChinese(w *world, s sentence, m mention) {
	before, after := s.clauseZh(m)
	if !s.unrealZh(m) && !notFoundZh.MatchString(s.text) {
		if foundZh.MatchString(s.text) {
			w.regained(m.one, false)
		}
		if mendedZh.MatchString(s.text) {
			w.regained(m.one, true)
		}
	}
	if s.unrealZh(m) || farZh.MatchString(s.text) || anotherZh.MatchString(before) || wreckedZh.MatchString(before) ||
		afterGone.MatchString(after) || remainsZh.MatchString(after) {
		return
	}
	if takes := strings.HasSuffix(before, "把") || strings.HasSuffix(before, "将"); takes && lostZh.MatchString(after) {
		return
	}
	if !notUseZh.MatchString(before) && useZh.MatchString(before) || atHandZh.MatchString(after) || worksZh.MatchString(after) {
		w.use(m.one, s.doerZh(m), s)
	}
}

var lostZh = regexp.MustCompile(`^(给)?(弄|搞)?(丢|忘|输|毁|砸|摔|打碎|烧)`)

// doerZh is the last person named before a mention, else the first after it.
func (s sentence) doerZh(m mention) string {
	who := ""
	for _, n := range s.mentions {
		if n.kind == Person && (n.start < m.start && !strings.HasPrefix(s.text[n.end:], "的") || who == "") {
			who = n.one
		}
	}
	return who
}

// lastClause is what stands after the last comma.
func lastClause(text string) string {
	return text[strings.LastIndex(text, "，")+1:]
}

var (
	locatedZh = regexp.MustCompile(`(在|坐在|站在|待在|呆在|留在|躲在|守在|睡在|躺在|蹲在|靠在|身在|仍在|还在|正在|就在|倚在|跪在|` +
		`住在)(那座|那间|那个|那片|这座|这间)?$`)
	withinZh = regexp.MustCompile(`^(的)?(里|中|上|内|边|旁|下|外|里面|深处|门口|门前|尽头|顶上|二楼|角落|院|中央|码头)*`)
	mentalZh = regexp.MustCompile(`看见|看到|望见|望着|看着|听见|听到|想|记得|梦|听说|知道|说|盯着|打听|指着|念着|收到|朝|往|向|从|` +
		`出生|生于|长大|工作|当过|住过`)
)

// placeChinese reads who is in a place.
func placeChinese(w *world, s sentence, m mention) {
	if s.unrealZh(m) || otherTimeZh.MatchString(s.text) {
		return
	}
	before, after := s.clauseZh(m)
	suffix := withinZh.FindString(after)
	switch {
	case locatedZh.MatchString(before):
		who := mention{}
		for _, n := range s.mentions {
			if n.kind == Person && n.start < m.start {
				who = n
			}
		}
		if who.one == "" && strings.HasPrefix(before, "在") { // 在码头，X解开缆绳
			if n, ok := s.nextZh(m.end + len(suffix)); ok {
				who = n
				w.stands(n.one, m.one, s)
			}
			return
		}
		if who.one == "" || mentalZh.MatchString(lastClause(s.text[who.end:m.start])) || strings.HasPrefix(s.text[who.end:], "的") ||
			strings.ContainsAny(s.text[who.end:m.start], "。；") {
			return
		}
		w.stands(who.one, m.one, s)
	case before == "" && suffix != "": // 码头上，X解开缆绳
		if n, ok := s.nextZh(m.end + len(suffix)); ok {
			w.stands(n.one, m.one, s)
		}
	}
}

// nextZh is the person who is named right at a place, a comma apart at most, and does something.
func (s sentence) nextZh(at int) (mention, bool) {
	for _, skip := range []string{"", "，", ","} {
		for _, n := range s.mentions {
			if n.kind == Person && n.start == at+len(skip) && strings.HasPrefix(s.text[at:], skip) {
				_, after := s.clauseZh(n)
				return n, after != "" && !strings.HasPrefix(after, "的") && !notActing.MatchString(after)
			}
		}
	}
	return mention{}, false
}

func travelChinese(w *world, s sentence) {
	if timeShiftZh.MatchString(s.text) {
		w.moved()
		return
	}
	if !travelZh.MatchString(s.text) {
		return
	}
	var people []string
	for _, m := range s.mentions {
		if m.kind == Person {
			people = append(people, m.one)
		}
	}
	if len(people) > 0 || groupZh.MatchString(s.text) {
		if groupZh.MatchString(s.text) {
			people = nil
		}
		w.moved(people...)
	}
}

var groupZh = regexp.MustCompile(`(^|[，。“”；])(他|她|你|我|咱|大家|众人|一行人|两人|二人|三人)`)

var hourZh = []struct {
	part string
	says *regexp.Regexp
}{
	{"morning", regexp.MustCompile(`(正是|现在是|此刻是|还是|正值|时值|已是)(清晨|早晨|早上|上午|黎明)|(清晨|早晨|早上|朝)的?(阳光|太阳|` +
		`日头)|晨光|朝阳`)},
	{"noon", regexp.MustCompile(`(正是|现在是|此刻是|还是|正值|时值|已是)(中午|正午|晌午|下午)|(正午|中午|午后|下午|晌午)的?(阳光|` +
		`太阳|日头)|烈日当空|日头正高`)},
	{"evening", regexp.MustCompile(`(正是|现在是|此刻是|还是|正值|时值|已是)(黄昏|傍晚)|夕阳|晚霞|落日`)},
	{"night", regexp.MustCompile(`(正是|现在是|此刻是|还是|正值|时值|已是)(深夜|半夜|夜里|夜晚|午夜|晚上)|月光|星光|月亮(挂|照|高)`)},
}

func hourChinese(w *world, s sentence) {
	if timeShiftZh.MatchString(s.text) {
		w.hour = Fact{}
	}
	is := partOfDay(w.hour.Object)
	if is == "" || s.unreal || otherTimeZh.MatchString(s.text) {
		return
	}
	for _, h := range hourZh {
		if place := h.says.FindStringIndex(s.text); place != nil && h.part != is && !unrealBeforeZh.MatchString(s.text[:place[0]]) {
			w.report(WrongTime, w.hour, s)
		}
	}
}
