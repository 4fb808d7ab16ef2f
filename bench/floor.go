package bench

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net"
	"strings"
	"time"
)

// FloorReport is what the same deliveries cost a plain loop: one write(2) of ready bytes per viewer and event, over TCP.
type FloorReport struct {
	Deliveries Deliveries `json:"deliveries"`
	CPUSeconds float64    `json:"cpu_s"`
	PerMillion float64    `json:"cpu_s_per_million_deliveries"`
	ViewerKiB  float64    `json:"rss_kib_per_viewer"`
}

// compare runs the floor in a process of its own, with as many listeners, events and bytes as the node had, and puts it beside the report.
func (f Fanout) compare(ctx context.Context, report *FanoutReport, log io.Writer) error {
	listeners, rounds := report.Viewers+report.Speakers, int(math.Round(f.Rate*f.Seconds))
	fmt.Fprintf(log, "the floor: writing %d frames to %d listeners\n", rounds, listeners)
	c, err := StartChild(ctx, f.Program, nil, log, "bench", "floor", fmt.Sprint("--viewers=", listeners), fmt.Sprint("--rate=", f.Rate),
		fmt.Sprint("--bytes=", int(math.Round(report.EventBytes))), fmt.Sprint("--seconds=", f.Seconds))
	if err != nil {
		return err
	}
	defer c.Stop()
	n := &node{pid: c.cmd.Process.Pid}
	ears, w := &ears{}, &crowd{}
	defer w.leave()
	var use measured
	if use.empty, err = n.usage(); err != nil {
		return fmt.Errorf("--floor compares CPU time: %w", err)
	}
	if err := w.listen(ctx, c.Address, listeners, ears.hearing()); err != nil {
		return err
	}
	if err := pause(ctx, settleTime(listeners)); err != nil {
		return err
	}
	if use.idle, err = n.usage(); err != nil {
		return err
	}
	use.before = use.idle
	start := time.Now()
	if _, err := io.WriteString(c.stdin, "go\n"); err != nil {
		return err
	}
	// A rate beyond what the floor can do takes longer; it is over when all have come, or none comes any more.
	for heard := uint64(0); ; {
		until(ctx, arriveTime, func() bool { return ears.latency.Count() == uint64(rounds*listeners) })
		now := ears.latency.Count()
		if now == heard || now == uint64(rounds*listeners) || ctx.Err() != nil {
			break
		}
		heard = now
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if use.after, err = n.usage(); err != nil {
		return err
	}
	server := n.report(use, listeners)
	report.Floor = &FloorReport{
		Deliveries: deliveries(&ears.latency, &w.counts, w.behind(uint64(rounds)), ears.last(start).Seconds()),
		CPUSeconds: server.CPUSeconds, ViewerKiB: server.ViewerKiB,
	}
	report.Floor.PerMillion = perMillion(server.CPUSeconds, report.Floor.Deliveries.Count)
	if report.Floor.PerMillion > 0 {
		report.Ratio = round(report.PerMillion/report.Floor.PerMillion, 2)
	}
	return nil
}

// listen connects n listeners to the floor; there is nobody to shake hands with.
func (w *crowd) listen(ctx context.Context, address string, n int, h hearing) error {
	for i := range n {
		dialer := net.Dialer{Timeout: dialTime}
		if i >= perSource {
			dialer.LocalAddr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(1+i/perSource))}
		}
		socket, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			return fmt.Errorf("listener %d of %d: %w", i+1, n, explain(err))
		}
		c := newConn(socket, i, h, &w.counts)
		w.conns = append(w.conns, c)
		w.waiting.Go(func() { c.run(nil) })
	}
	return nil
}

// Floor is the write loop that a Fanout compares with. Its command is no business of people: Fanout starts it.
type Floor struct {
	Viewers int
	Rate    float64
	Bytes   int
	Seconds float64
}

// Check says what is wrong with what was asked for, naming the flag.
func (f Floor) Check() error {
	if f.Bytes < 126 || f.Bytes > math.MaxUint16 {
		return fmt.Errorf("--bytes must be from 126 to %d", math.MaxUint16) // one form of the frame's head
	}
	return Fanout{Viewers: f.Viewers, Rate: f.Rate, Bytes: MinBytes, Seconds: f.Seconds}.Check()
}

// Run listens on a free port of loopback, says where on out, takes Viewers connections, waits for a line on in, and then writes. It ends
// with in, or when ctx is done.
func (f Floor) Run(ctx context.Context, in io.Reader, out io.Writer) error {
	if err := checkFiles(f.Viewers); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { listener.Close() })()
	fmt.Fprintln(out, listening+listener.Addr().String())
	lines := bufio.NewReader(in)
	writers, err := f.accept(listener)
	if err != nil {
		return err
	}
	if _, err := lines.ReadString('\n'); err != nil {
		return nil // called off
	}
	go func() { // ends with the process at the latest
		io.Copy(io.Discard, lines)
		cancel()
	}()
	frame := f.frame()
	round := 0
	err = pace(ctx, int(math.Round(f.Rate*f.Seconds)), time.Duration(float64(time.Second)/f.Rate), func(int) error {
		round++
		frame.renew(uint64(round), time.Now())
		for _, w := range writers {
			if err := w.write(frame.bytes); err != nil {
				return err
			}
		}
		return nil
	})
	<-ctx.Done()
	if ctx.Err() == err {
		err = nil
	}
	return err
}

// floorWriter is one connection of the floor.
type floorWriter struct {
	conn net.Conn
	fd   int
}

func (f Floor) accept(listener net.Listener) ([]floorWriter, error) {
	var writers []floorWriter
	for range f.Viewers {
		c, err := listener.Accept()
		if err != nil {
			return nil, err
		}
		fd, err := descriptor(c)
		if err != nil {
			return nil, err
		}
		writers = append(writers, floorWriter{c, fd})
	}
	return writers, nil
}

// write is one write(2); the rest of what a full socket does not take is waited for, since half a frame would spoil the stream.
func (w floorWriter) write(p []byte) error {
	n, err := writeRaw(w.fd, p)
	if err == nil && n < len(p) {
		_, err = w.conn.Write(p[n:])
	}
	return err
}

// floorFrame is a frame like those of a room, whose number and stamp are changed in place.
type floorFrame struct {
	bytes     []byte
	seq, sent []byte // parts of bytes
}

func (f Floor) frame() *floorFrame {
	const (
		before = `{"type":"chat.said","seq":`
		zeros  = "00000000"
		middle = `,"data":{"text":"`
		after  = `"}}`
	)
	stamp := string(appendStamp(nil, time.Now().UnixMicro()))
	filler := strings.Repeat("x", max(0, f.Bytes-len(before+zeros+middle+stamp+after)))
	payload := before + zeros + middle + stamp + filler + after
	frame := &floorFrame{bytes: binary.BigEndian.AppendUint16([]byte{0x80 | opText, 126}, uint16(len(payload)))}
	frame.bytes = append(frame.bytes, payload...)
	at := len(frame.bytes) - len(payload) + len(before)
	frame.seq = frame.bytes[at : at+len(zeros)]
	at += len(zeros) + len(middle)
	frame.sent = frame.bytes[at : at+len(stamp)]
	return frame
}

func (f *floorFrame) renew(seq uint64, now time.Time) {
	copy(f.seq, fmt.Sprintf("%0*d", len(f.seq), seq))
	appendStamp(f.sent[:0], now.UnixMicro())
}
