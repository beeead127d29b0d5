package io.datawarehouse.benchmarks.peers;

import io.datawarehouse.sdk.message.HandlerOptions.Execution;
import java.util.Arrays;

/** The peers that need nothing but what the product has. */
final class OwnPeers {

  private OwnPeers() {}

  /** Runs the program of the peer that the first argument names. */
  public static void main(String[] arguments) {
    Peer peer =
        switch (arguments[0]) {
          case "grpc" -> new BareGrpc();
          case "caller" -> new Federated(Execution.CALLER, false);
          case "keyed" -> new Federated(Execution.CALLER, true);
          case "worker" -> new Federated(Execution.WORKER, false);
          default -> throw new IllegalArgumentException("no such peer: " + arguments[0]);
        };
    PeerProgram.run(peer, Arrays.copyOfRange(arguments, 1, arguments.length));
  }
}
