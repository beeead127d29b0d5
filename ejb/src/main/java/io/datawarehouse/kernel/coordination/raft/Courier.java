package io.datawarehouse.kernel.coordination.raft;

import java.io.DataInput;
import java.io.DataOutput;
import java.util.Iterator;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Event;
import org.jgroups.Header;
import org.jgroups.Message;
import org.jgroups.View;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.stack.Protocol;
import org.jgroups.util.MessageBatch;
import org.jspecify.annotations.Nullable;

/**
 * Carries what coordinators say to each other beside the log, in bytes. It takes the place of the
 * library's REDIRECT, which keeps a request for ever whose answer is lost, and reads errors by Java
 * serialization. Thread-safe.
 */
final class Courier extends Protocol {

  private static final short PROTOCOL_ID = 7_104;

  static {
    ClassConfigurator.addProtocol(PROTOCOL_ID, Courier.class);
    ClassConfigurator.add(Mark.ID, Mark.class);
  }

  private final BiConsumer<Address, byte[]> receiver;
  private final Runnable viewChanged;
  private volatile @Nullable View view;

  /**
   * Makes the courier of one channel.
   *
   * @param receiver given what arrives, on a thread of JGroups; must be quick
   * @param viewChanged told when other nodes are in view; must only take note
   */
  Courier(BiConsumer<Address, byte[]> receiver, Runnable viewChanged) {
    this.receiver = receiver;
    this.viewChanged = viewChanged;
  }

  /** Marks a message as the courier's. */
  public static final class Mark extends Header {

    static final short ID = 7_002;

    /** Makes a mark. */
    public Mark() {}

    @Override
    public short getMagicId() {
      return ID;
    }

    @Override
    public Supplier<? extends Header> create() {
      return Mark::new;
    }

    @Override
    public int serializedSize() {
      return 0;
    }

    @Override
    public void writeTo(DataOutput out) {}

    @Override
    public void readFrom(DataInput in) {}
  }

  /** Returns who is in view; null before the channel is connected. */
  @Nullable View view() {
    return view;
  }

  /** Says something small to everybody else, past flow control: nobody who is slow holds it up. */
  void tellAll(byte[] content) {
    Message message = new BytesMessage(null, content);
    message.setFlag(Message.TransientFlag.DONT_LOOPBACK);
    send(message.setFlag(Message.Flag.OOB, Message.Flag.NO_FC));
  }

  /** Says something small to one node, past flow control. */
  void tell(Address to, byte[] content) {
    send(new BytesMessage(to, content).setFlag(Message.Flag.OOB, Message.Flag.NO_FC));
  }

  /** Sends something that may be large to one node; may block. */
  void send(Address to, byte[] content) {
    send(new BytesMessage(to, content).setFlag(Message.Flag.OOB));
  }

  private void send(Message message) {
    message.putHeader(id, new Mark());
    down_prot.down(message);
  }

  @Override
  public @Nullable Object down(Event event) {
    takeView(event);
    return down_prot.down(event);
  }

  @Override
  public @Nullable Object up(Event event) {
    takeView(event);
    return up_prot.up(event);
  }

  private void takeView(Event event) {
    if (event.getType() == Event.VIEW_CHANGE) {
      view = event.getArg();
      viewChanged.run();
    }
  }

  @Override
  public @Nullable Object up(Message message) {
    return taken(message) ? null : up_prot.up(message);
  }

  @Override
  public void up(MessageBatch batch) {
    for (Iterator<Message> messages = batch.iterator(); messages.hasNext(); ) {
      if (taken(messages.next())) {
        messages.remove();
      }
    }
    if (!batch.isEmpty()) {
      up_prot.up(batch);
    }
  }

  private boolean taken(Message message) {
    if (message.getHeader(id) == null) {
      return false;
    }
    byte[] content = new byte[message.getLength()];
    System.arraycopy(message.getArray(), message.getOffset(), content, 0, content.length);
    receiver.accept(message.getSrc(), content);
    return true;
  }
}
