package io.datawarehouse.kernel.federation;

import io.datawarehouse.sdk.cluster.NodeId;
import io.datawarehouse.sdk.error.StandardErrorCode;
import io.datawarehouse.sdk.error.WarehouseException;
import io.datawarehouse.sdk.message.Message;
import io.datawarehouse.sdk.message.Topic;
import java.util.Map;

/** The words of the federated bus's own errors. */
final class FederationErrors {

  private FederationErrors() {}

  static WarehouseException stopping() {
    return new WarehouseException(
        StandardErrorCode.UNAVAILABLE, "the node is stopping and takes no new messages");
  }

  static WarehouseException noHandler(Topic topic) {
    return new WarehouseException(
        StandardErrorCode.NO_HANDLER, "nobody handles topic '" + topic + "'");
  }

  static WarehouseException timeout(Message message, String where) {
    return new WarehouseException(
        StandardErrorCode.TIMEOUT, "no answer on '" + message.topic() + "' in time" + where);
  }

  static WarehouseException noneInReach(Topic topic) {
    return new WarehouseException(
        StandardErrorCode.UNAVAILABLE,
        "no node that handles topic '" + topic + "' can be reached now");
  }

  static WarehouseException ownerAway(NodeId owner, Topic topic) {
    return new WarehouseException(
        StandardErrorCode.OWNER_UNAVAILABLE,
        "node " + owner + " owns what '" + topic + "' asks for and cannot be reached now",
        Map.of("owner", owner.value()),
        null);
  }

  static WarehouseException queueFull(NodeId node) {
    return new WarehouseException(
        StandardErrorCode.BULKHEAD_FULL, "too much waits to be sent to node " + node);
  }

  static WarehouseException tooManyServed(int most) {
    return new WarehouseException(
        StandardErrorCode.BULKHEAD_FULL,
        most + " requests of the sending node are under way here already");
  }

  static WarehouseException tooManyCallers() {
    return new WarehouseException(
        StandardErrorCode.BULKHEAD_FULL, "all threads for requests of other nodes are busy");
  }

  static WarehouseException tooLong(Message message, int bytes, int most) {
    return new WarehouseException(
        StandardErrorCode.TOO_LARGE,
        "a message on '"
            + message.topic()
            + "' of "
            + bytes
            + " bytes is longer than "
            + most
            + "; large content travels beside the message");
  }
}
