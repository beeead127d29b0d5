package io.datawarehouse.kernel.peer.grpc;

import io.datawarehouse.sdk.cluster.NodeId;
import java.util.Optional;

/** One end of the stream of messages, whichever side opened it. */
interface Wire {

  /** Returns whether the transport takes more without piling it up. */
  boolean ready();

  /** Sends; called by one thread at a time. */
  void send(Parcel parcel);

  /** Asks for so many more messages. */
  void request(int count);

  /** Ends this end's half in good order. */
  void end();

  /** Breaks the stream. */
  void abort(String reason);

  /** Returns the address at the other end, for logs. */
  String remote();

  /** Returns whom the certificate of the other end names; empty where there is none. */
  Optional<NodeId> certified();
}
