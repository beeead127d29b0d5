package io.datawarehouse.kernel.coordination.raft;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jgroups.Message;
import org.jgroups.protocols.TP;
import org.jgroups.stack.Protocol;
import org.jgroups.stack.ProtocolStack;
import org.jgroups.util.MessageBatch;

/**
 * A node that stands still, as others see it: it says nothing, and what it is sent waits until it
 * goes on. Thread-safe.
 */
final class HeldMessages extends Protocol {

  private final Deque<Message> waiting = new ArrayDeque<>();
  private boolean holding = true;
  private int count;

  /** Has a node stand still from now on. */
  static HeldMessages of(RaftCoordinator coordinator) throws Exception {
    HeldMessages held = new HeldMessages();
    ProtocolStack stack = coordinator.channel().channel().getProtocolStack();
    stack.insertProtocol(held, ProtocolStack.Position.ABOVE, TP.class);
    return held;
  }

  /** Returns how many messages it was sent. */
  synchronized int count() {
    return count;
  }

  /** Delivers what waits, in its order, and holds nothing from then on. */
  synchronized void release() {
    waiting.forEach(up_prot::up);
    waiting.clear();
    holding = false;
  }

  @Override
  public Object down(Message message) {
    return isHolding() ? null : down_prot.down(message);
  }

  private synchronized boolean isHolding() {
    return holding;
  }

  @Override
  public Object up(Message message) {
    return hold(message) ? null : up_prot.up(message);
  }

  private synchronized boolean hold(Message message) {
    if (holding) {
      count++;
      waiting.add(message);
    }
    return holding;
  }

  @Override
  public void up(MessageBatch batch) {
    batch.forEach(this::up);
  }
}
