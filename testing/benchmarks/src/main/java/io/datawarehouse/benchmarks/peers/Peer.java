package io.datawarehouse.benchmarks.peers;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * A way to send bytes to another process and get them back. One of these is made in each process:
 * {@link #serve} in the one that answers, {@link #connect} in the one that asks.
 */
interface Peer extends AutoCloseable {

  /** Returns the name in tables. */
  String name();

  /** Answers what comes; returns what the other process must know, without blanks. */
  String serve() throws Exception;

  /** Connects with what {@link #serve} returned in the other process. */
  void connect(String place, Duration limit) throws Exception;

  /** Sends bytes and completes when they are back. Called from threads that complete others. */
  CompletionStage<?> ask(byte[] bytes);

  @Override
  void close();
}
