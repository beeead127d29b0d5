package io.datawarehouse.kernel.coordination.raft;

import java.util.Arrays;
import java.util.Iterator;
import java.util.function.BiConsumer;
import org.jgroups.Address;
import org.jgroups.Message;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.stack.Protocol;
import org.jgroups.util.ExtendedUUID;
import org.jgroups.util.MessageBatch;
import org.jgroups.util.Util;
import org.jspecify.annotations.Nullable;

/**
 * Lets nothing of another group in, right above the socket: nodes of two groups do not even see
 * each other. A node's address says its group; that of a node without one says none, and is let in.
 * Immutable.
 */
final class ForeignGroups extends Protocol {

  private static final short PROTOCOL_ID = 7_103;
  private static final byte[] KEY = Util.stringToBytes("dw-group");

  static {
    ClassConfigurator.addProtocol(PROTOCOL_ID, ForeignGroups.class);
  }

  private final byte @Nullable [] own;
  private final BiConsumer<Address, String> refused;

  /**
   * Makes the protocol of one channel.
   *
   * @param group its group; null for a node without one, which lets everybody in
   * @param refused told of every message that was not let in
   */
  ForeignGroups(@Nullable String group, BiConsumer<Address, String> refused) {
    this.own = group == null ? null : Util.stringToBytes(group);
    this.refused = refused;
  }

  /** Writes a group into an address. */
  static ExtendedUUID mark(ExtendedUUID address, String group) {
    return address.put(KEY, Util.stringToBytes(group));
  }

  @Override
  public @Nullable Object up(Message message) {
    return admits(message.getSrc()) ? up_prot.up(message) : null;
  }

  @Override
  public void up(MessageBatch batch) {
    for (Iterator<Message> messages = batch.iterator(); messages.hasNext(); ) {
      if (!admits(messages.next().getSrc())) {
        messages.remove();
      }
    }
    if (!batch.isEmpty()) {
      up_prot.up(batch);
    }
  }

  private boolean admits(@Nullable Address from) {
    if (own == null || !(from instanceof ExtendedUUID sender)) {
      return true;
    }
    byte[] group = sender.get(KEY);
    if (group == null || Arrays.equals(group, own)) {
      return true;
    }
    refused.accept(from, Util.bytesToString(group));
    return false;
  }
}
