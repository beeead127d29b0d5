package io.datawarehouse.kernel.trust;

import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * What a node shows: a key, its certificate, and what leads from there to every authority that the
 * node accepts. Immutable; the private key exists here alone.
 */
final class NodeCredential {

  /** By how much a certificate is good before it was made, for peers whose clock is late. */
  static final Duration EARLINESS = Duration.ofMinutes(5);

  private final String alias;
  private final PrivateKey key;
  private final X509Certificate[] chain;
  private final Instant madeAt;
  private final Instant renewAt;

  private NodeCredential(PrivateKey key, X509Certificate[] chain, Instant madeAt, Instant renewAt) {
    this.alias = chain[0].getSerialNumber().toString(Character.MAX_RADIX);
    this.key = key;
    this.chain = chain;
    this.madeAt = madeAt;
    this.renewAt = renewAt;
  }

  /**
   * Makes one with the first of the authorities.
   *
   * @param names how it names the node
   * @param life how long it is good
   */
  static NodeCredential make(
      NodeIdentity identity,
      CertificateNames names,
      Duration life,
      List<ClusterAuthority> authorities,
      Clock clock,
      SecureRandom random) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    ClusterAuthority.Validity validity =
        new ClusterAuthority.Validity(now.minus(EARLINESS), now.plus(life));
    KeyPair pair = NodeKeys.generate(random);
    ClusterAuthority first = authorities.get(0);
    List<X509Certificate> chain = new ArrayList<>();
    List<IdentitySeal> seals =
        names == CertificateNames.SEALED
            ? authorities.stream().map(ClusterAuthority::seal).toList()
            : List.of();
    chain.add(first.issue(identity, seals, pair.getPublic(), validity, random));
    for (ClusterAuthority other : authorities.subList(1, authorities.size())) {
      chain.add(other.certify(first, validity, random));
    }
    return new NodeCredential(
        pair.getPrivate(),
        chain.toArray(X509Certificate[]::new),
        now,
        now.plus(life.multipliedBy(2).dividedBy(3)));
  }

  /** Returns under what the TLS engine remembers it between its questions. */
  String alias() {
    return alias;
  }

  PrivateKey key() {
    return key;
  }

  /** Returns the chain, in a new array. */
  X509Certificate[] chain() {
    return chain.clone();
  }

  /** Returns until when it is good. */
  Instant until() {
    return chain[0].getNotAfter().toInstant();
  }

  /**
   * Returns whether it is to be replaced: at two thirds of its life, or when the clock went back.
   */
  boolean due(Instant now) {
    return !now.isBefore(renewAt) || now.isBefore(madeAt.minus(EARLINESS));
  }

  @Override
  public String toString() {
    return "credential " + alias + " until " + until();
  }
}
