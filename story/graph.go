package story

import "slices"

// Graph is the shape of a story, for maps and trees: which scene can lead to which.
type Graph struct {
	Nodes []Node `json:"nodes"`
	Edges []Edge `json:"edges"`
}

// Node is a scene of the Graph.
type Node struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Ending string `json:"ending,omitempty"` // the ending's name, "" elsewhere
}

// Edge is a choice of the Graph. The same two scenes may be joined by several.
type Edge struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Label string `json:"label"`
}

// Graph is every scene of the story, reachable or not, and every choice that some show may offer.
func (s *Story) Graph() Graph {
	return Graph{Nodes: slices.Clone(s.graph.Nodes), Edges: slices.Clone(s.graph.Edges)}
}

// Scenes counts the scenes, reachable or not.
func (s *Story) Scenes() int { return len(s.graph.Nodes) }

// Endings counts the scenes at which a show always ends.
func (s *Story) Endings() int {
	n := 0
	for _, node := range s.graph.Nodes {
		if node.Ending != "" {
			n++
		}
	}
	return n
}

func (s *Story) shape() Graph {
	g := Graph{Nodes: []Node{}, Edges: []Edge{}} // lists in JSON, even when empty
	for _, p := range s.Passages {
		u := s.units[p.Name]
		if u == nil || !u.scene {
			continue
		}
		ways := s.ways(u)
		n := Node{ID: u.name, Title: u.title, Ending: u.ending}
		if len(ways) == 0 && n.Ending == "" {
			n.Ending = u.title
		}
		g.Nodes = append(g.Nodes, n)
		g.Edges = append(g.Edges, ways...)
	}
	return g
}

func edges(u *unit) []Edge {
	var ways []Edge
	walk(u.body, func(n node) {
		switch n := n.(type) {
		case *link:
			if n.target != "" {
				ways = append(ways, Edge{From: u.name, To: n.target, Label: n.plain})
			}
		case jump:
			ways = append(ways, Edge{From: u.name, To: n.target})
		}
	})
	return ways
}
