package io.datawarehouse.kernel.coordination;

import io.datawarehouse.sdk.cluster.NodeId;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Comparator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Which proposals were applied and what became of them, so that one that is sent again is not
 * applied again. It is part of the replicated state: every node remembers the same. Confined to
 * whoever holds the state machine.
 *
 * <p>One run of each node is remembered, the latest; of it, what its proposals have not declared
 * settled. A run may have 1,024 proposals open; 1,024 nodes are remembered, those that proposed
 * last.
 */
final class AnsweredRequests {

  static final int MOST_OPEN = 1_024;
  private static final int MOST_NODES = 1_024;

  private final NavigableMap<NodeId, Run> runs = new TreeMap<>();

  /** The latest run of one node. */
  private static final class Run {
    final long number;
    long settled = 1;
    long lastIndex;
    final NavigableMap<Long, Long> answers = new TreeMap<>();

    Run(long number) {
      this.number = number;
    }

    void settle(long before) {
      if (before > settled) {
        settled = before;
        answers.headMap(before, false).clear();
      }
    }
  }

  /** Takes note of a proposal and returns whether it is too late for it. */
  boolean stale(Proposal proposal, long index) {
    RequestId id = proposal.id();
    Run run = runs.get(id.node());
    if (run == null || run.number < id.run()) {
      run = new Run(id.run());
      runs.put(id.node(), run);
      forgetOldest();
    } else if (run.number > id.run()) {
      return true;
    }
    run.lastIndex = index;
    run.settle(proposal.settled());
    return id.sequence() < run.settled;
  }

  OptionalLong answer(RequestId id) {
    Run run = runs.get(id.node());
    Long answer = run == null || run.number != id.run() ? null : run.answers.get(id.sequence());
    return answer == null ? OptionalLong.empty() : OptionalLong.of(answer);
  }

  void remember(RequestId id, long answer) {
    Run run = runs.get(id.node());
    if (run != null) {
      run.answers.put(id.sequence(), answer);
      if (run.answers.size() > MOST_OPEN) {
        run.settle(run.answers.firstKey() + 1);
      }
    }
  }

  private void forgetOldest() {
    if (runs.size() > MOST_NODES) {
      runs.entrySet().stream()
          .min(Comparator.comparingLong(entry -> entry.getValue().lastIndex))
          .map(Map.Entry::getKey)
          .ifPresent(runs::remove);
    }
  }

  void writeTo(DataOutput out) throws IOException {
    Wire.writeNumber(out, runs.size());
    for (Map.Entry<NodeId, Run> entry : runs.entrySet()) {
      Run run = entry.getValue();
      Wire.writeText(out, entry.getKey().value());
      Wire.writeNumber(out, run.number);
      Wire.writeNumber(out, run.settled);
      Wire.writeNumber(out, run.lastIndex);
      Wire.writeNumber(out, run.answers.size());
      for (Map.Entry<Long, Long> answer : run.answers.entrySet()) {
        Wire.writeNumber(out, answer.getKey());
        Wire.writeNumber(out, answer.getValue());
      }
    }
  }

  static AnsweredRequests read(DataInput in) throws IOException {
    AnsweredRequests read = new AnsweredRequests();
    int nodes = Wire.readCount(in, MOST_NODES);
    for (int node = 0; node < nodes; node++) {
      NodeId id = new NodeId(Wire.readText(in));
      Run run = new Run(Wire.readNumber(in));
      run.settled = Wire.readNumber(in);
      run.lastIndex = Wire.readNumber(in);
      int answers = Wire.readCount(in, MOST_OPEN);
      for (int i = 0; i < answers; i++) {
        run.answers.put(Wire.readNumber(in), Wire.readNumber(in));
      }
      read.runs.put(id, run);
    }
    return read;
  }
}
