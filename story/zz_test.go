package story
import ("testing";"strings";"time";"os";"fmt")
func TestZZ(t *testing.T){
 for _,f:=range []string{"SugarCube","Harlowe","Chapbook","Snowman",""}{
 for _,piece:=range []string{"<<","[[","(","$x","/*","{","'","<script>","[[a->b][","(if:1)[","<<if 1>>","<<nobr>>","<!--","[img[","<%","x\n","[if 1]\n","<<set $x to '","_x ","<b","**","''","//","\x01","(a:","[[Start]]\n","<<link 'a' 'Start'>>","<<'","{x","$x[","$x[1","(else:)","\n--\n","a:1\n", "<<timed>>"}{
  src:=source(f,":: Start\n"+strings.Repeat(piece,(4<<20-400)/len(piece)))
  a:=time.Now()
  s,r:=Parse("a.twee",[]byte(src))
  d:=time.Since(a)
  var e error
  a=time.Now()
  if s!=nil { _,_,e=s.Enter(s.Begin(1),"Start") }
  if d>time.Second||time.Since(a)>time.Second/4 { t.Logf("%s %q parse %v enter %v err %v %.90s",f,piece,d,time.Since(a),e,fmt.Sprint(r.Err())) }
 }}
}
func TestStories(t *testing.T){
 _,r:=Open(os.DirFS("../stories"))
 for _,p:=range r.Problems{t.Log(p)}
}
