package io.datawarehouse.kernel.trust;

import java.util.Locale;

/** Why somebody was not let in. */
enum Refusal {
  /** It cannot be read as what it should be. */
  MALFORMED("it cannot be read"),
  /** Who connected shows no certificate. */
  NO_CERTIFICATE("it shows no certificate"),
  /** Who connected does not speak as nodes do: another version of TLS, or something else. */
  HANDSHAKE("it does not speak TLS as nodes do"),
  /** No accepted token stands behind a certificate. */
  UNKNOWN_AUTHORITY("no accepted join token stands behind it"),
  /** No accepted token stands behind a proof. */
  FORGED("no accepted join token stands behind it"),
  /** Its time has passed. */
  EXPIRED("its time has passed"),
  /** Its time has not come. */
  NOT_YET_VALID("its time has not come"),
  /** A certificate lives longer than any may. */
  TOO_LONG_LIVED("it lives longer than a certificate may"),
  /** It is for something else. */
  WRONG_PURPOSE("it is for something else"),
  /** It is for a cluster of another name. */
  WRONG_CLUSTER("it is for a cluster of another name"),
  /** It does not name one node. */
  WRONG_IDENTITY("it does not name one node"),
  /** A later run of the same node was seen. */
  OLD_INCARNATION("a later run of the node was seen"),
  /** It was used before. */
  REPLAYED("it was used before"),
  /** More was shown than can be remembered. */
  OVERRUN("more proofs are remembered than there is room for");

  private final String words;

  Refusal(String words) {
    this.words = words;
  }

  /** Returns why, in words. */
  String words() {
    return words;
  }

  /** Returns the reason as a tag of a metric. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
