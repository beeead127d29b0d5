package io.datawarehouse.benchmarks.peers;

import java.time.Duration;

/**
 * A way to send bytes to another process and get them back. One of these is made in each process:
 * {@link #serve} in the one that answers, {@link #connect} in the one that asks.
 */
public interface Peer extends AutoCloseable {

  /** Answers what comes; returns what the other process must know, without blanks. */
  String serve() throws Exception;

  /** Connects with what {@link #serve} returned in the other process. */
  void connect(String place, Duration limit) throws Exception;

  /** Returns bytes in the form in which a program would have them ready; called once a round. */
  default Object payloadOf(byte[] bytes) {
    return bytes;
  }

  /** Sends a payload and tells when it is back. Called by threads that tell the same of others. */
  void ask(Object payload, Answered answered);

  /** Takes what became of a request. */
  @FunctionalInterface
  interface Answered {

    /**
     * Takes it.
     *
     * @param bytes how many bytes came back
     * @param failure null where it was answered
     */
    void accept(int bytes, Throwable failure);
  }

  @Override
  void close();
}
