#!/usr/bin/env python3
"""Gives rustworkx and igraph the edges that `cargo bench -p wuwei-graph --bench csr -- NODES EDGES FILE` drew, and prints a JSON line for each.

Usage: graph_against.py FILE [--systems rustworkx,igraph] [--paths N] [--walks N]

Each builds its graph of the same edges in a process of its own and answers what the bench asks: neighbours within three hops, shortest paths of
random pairs, connected components; nodes without an edge, which ours does not hold, are components of one here. Neither knows dates, departments, hidden nodes or hubs, so they walk the bare graph, without limits: what
takes them longer for that reason is told by `hop3_most`. Seconds are of the wall unless they are called processor seconds; `peak_rss_mb` holds
the arrays that the edges were read into too. Needs numpy, rustworkx and igraph.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import time


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--systems", default="rustworkx,igraph")
    parser.add_argument("--paths", type=int, default=100)
    parser.add_argument("--walks", type=int, default=300)
    parser.add_argument("--one", help="used by itself: run this system in this process")
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(run(asked)), flush=True)
        return
    for system in asked.systems.split(","):
        subprocess.run([sys.executable, __file__, *sys.argv[1:], "--one", system], check=False)


def run(asked):
    import numpy

    ends = numpy.fromfile(asked.file, dtype="<u4").reshape(-1, 2)
    nodes = int(ends.max()) + 1
    system = {"rustworkx": Rustworkx, "igraph": Igraph}[asked.one]
    began, started = time.process_time(), time.perf_counter()
    graph = system(nodes, ends)
    said = {"system": f"{asked.one} {graph.version}", "nodes": nodes, "edges": len(ends)}
    said |= {"build_cpu_s": since(began, time.process_time), "build_s": since(started), "build_peak_rss_mb": peak_mb()}
    # Persons are the first six in ten, and start every edge.
    chance = random.Random(1)
    somebody = lambda: chance.randrange(nodes * 6 // 10)
    said["hop1_us"] = quantiles(timed(lambda: graph.around(somebody(), 1)) for _ in range(asked.walks * 10))
    most = 0

    def walk():
        nonlocal most
        most = max(most, graph.around(somebody(), 3))

    said["hop3_us"] = quantiles(timed(walk) for _ in range(asked.walks))
    said["hop3_most"] = most
    said["path_us"] = quantiles(timed(lambda: graph.path(somebody(), somebody())) for _ in range(asked.paths))
    began, started = time.process_time(), time.perf_counter()
    said["components"] = graph.components()
    said |= {"wcc_cpu_s": since(began, time.process_time), "wcc_s": since(started), "peak_rss_mb": peak_mb()}
    return said


class Rustworkx:
    """`PyGraph`; it has no walk of so many hops for one node, so that is a search by hand over its neighbours."""

    def __init__(self, nodes, ends):
        import rustworkx

        self.library, self.version = rustworkx, rustworkx.__version__
        self.graph = rustworkx.PyGraph(multigraph=True, node_count_hint=nodes, edge_count_hint=len(ends))
        self.graph.add_nodes_from(range(nodes))
        for some in range(0, len(ends), 1_000_000):
            self.graph.add_edges_from_no_data(list(map(tuple, ends[some : some + 1_000_000].tolist())))

    def around(self, start, hops):
        known, last = {start}, [start]
        for _ in range(hops):
            last = {near for node in last for near in self.graph.neighbors(node)} - known
            known |= last
        return len(known) - 1

    def path(self, start, end):
        return self.library.dijkstra_shortest_paths(self.graph, start, target=end, default_weight=1.0)

    def components(self):
        return self.library.number_connected_components(self.graph)


class Igraph:
    """`Graph`, not directed."""

    def __init__(self, nodes, ends):
        import igraph

        self.version = igraph.__version__
        self.graph = igraph.Graph(n=nodes, edges=ends.astype("int64"))

    def around(self, start, hops):
        return self.graph.neighborhood_size(start, order=hops) - 1

    def path(self, start, end):
        return self.graph.get_shortest_path(start, end)

    def components(self):
        return len(self.graph.connected_components(mode="weak"))


def timed(call):
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1e6


def quantiles(times):
    times = sorted(times)
    at = lambda share: round(times[min(len(times) * share // 1_000, len(times) - 1)], 1)
    return {"p50": at(500), "p95": at(950), "p99": at(990), "most": at(1_000)}


def since(began, clock=time.perf_counter):
    return round(clock() - began, 2)


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
