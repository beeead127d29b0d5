package io.datawarehouse.kernel.jgroups;

import io.datawarehouse.kernel.trust.JoinProofs;
import io.datawarehouse.kernel.trust.TlsMaterial;
import io.datawarehouse.sdk.error.WarehouseException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jgroups.JChannel;
import org.jgroups.logging.LogFactory;
import org.jgroups.protocols.AUTH;
import org.jgroups.protocols.BaseBundler;
import org.jgroups.protocols.Bundler;
import org.jgroups.protocols.Discovery;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FRAG4;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.MFC;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.UFC;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.Protocol;
import org.jgroups.stack.ProtocolStack;

/**
 * The lower protocols of a channel between nodes, in one place so that all channels are as safe and
 * as quick. Immutable; every call makes new protocols.
 *
 * <p>There is one server socket a channel and no other: that a peer's process has ended is told by
 * its connections (JGroups' suspect events of TCP) rather than by FD_SOCK2, whose own socket knows
 * no TLS; that a peer is frozen or cut off is told by heartbeats.
 */
public final class ClusterTransport {

  private static final int MOST_THREADS = 100;
  private static final int FRAGMENT_BYTES = 60_000;
  private static final long CREDIT_BYTES = 4 << 20;
  private static final int CONNECT_MILLIS = 1_000;
  private static final int JOIN_MILLIS = 700;
  private static final int MOST_JOIN_ATTEMPTS = 5;
  private static final int LONGEST_FRAME = 16 << 20;

  static {
    // What JGroups says goes where everything of the product goes; and it makes the text of what
    // it would only trace in this case alone when somebody wants to read it.
    LogFactory.useJdkLogger(true);
  }

  private final Options options;
  private final Security security;
  private final ThreadFactory threads;
  private final LongSupplier nanoTime;

  /**
   * How a channel is reached and how soon a peer is given up. Immutable.
   *
   * @param bind where its server socket listens; one port, never a range
   * @param external what peers are told to connect to, where that is another address
   * @param silence after how long without a heartbeat a peer is suspected
   * @param verification how long a suspected peer has to object
   * @param merge how often halves of a cut cluster look for each other, at most
   */
  public record Options(
      InetSocketAddress bind,
      Optional<InetSocketAddress> external,
      Duration silence,
      Duration verification,
      Duration merge) {

    /** Checks; the error names the field. */
    public Options {
      if (bind.isUnresolved() || bind.getPort() == 0) {
        throw WarehouseException.invalid("bind", bind, "use an address of this machine and a port");
      }
      if (external.isPresent() && external.get().isUnresolved()) {
        throw WarehouseException.invalid("external", external.get(), "cannot be resolved");
      }
      requirePositive("silence", silence);
      requirePositive("verification", verification);
      requirePositive("merge", merge);
    }

    /** Returns options with what suits nodes in one data centre. */
    public static Options of(InetSocketAddress bind) {
      return new Options(
          bind,
          Optional.empty(),
          Duration.ofMillis(2_000),
          Duration.ofMillis(300),
          Duration.ofMillis(2_000));
    }

    private static void requirePositive(String field, Duration duration) {
      if (duration.isNegative() || duration.isZero()) {
        throw WarehouseException.invalid(field, duration, "must be more than zero");
      }
    }
  }

  /** Who may connect. Immutable. */
  public sealed interface Security {

    /**
     * Mutual TLS 1.3 on every socket, and a proof of the join token with every join and merge.
     *
     * @param material certificates and who judges those of others
     * @param proofs what is shown on joining
     * @param purpose what the proofs are for; differs from channel to channel
     */
    record Mutual(TlsMaterial material, JoinProofs proofs, String purpose) implements Security {
      /** Checks that nothing is missing. */
      public Mutual {
        Objects.requireNonNull(material, "material");
        Objects.requireNonNull(proofs, "proofs");
        Objects.requireNonNull(purpose, "purpose");
      }
    }

    /**
     * Plain text, which somebody asked for by name, with a proof of the join token with every join
     * and merge. Whoever is on the network reads along, and can send what it likes to a member.
     *
     * @param proofs what is shown on joining
     * @param purpose what the proofs are for; differs from channel to channel
     */
    record Proven(JoinProofs proofs, String purpose) implements Security {
      /** Checks that nothing is missing. */
      public Proven {
        Objects.requireNonNull(proofs, "proofs");
        Objects.requireNonNull(purpose, "purpose");
      }
    }

    /** Anybody, in plain text; for tests of what lies above. */
    record Plain() implements Security {}
  }

  /**
   * Makes the transport of one channel.
   *
   * @param threads where threads for handshakes of those who connect come from
   * @param nanoTime a clock that only goes forward, like {@link System#nanoTime()}
   */
  public ClusterTransport(
      Options options, Security security, ThreadFactory threads, LongSupplier nanoTime) {
    this.options = Objects.requireNonNull(options, "options");
    this.security = Objects.requireNonNull(security, "security");
    this.threads = Objects.requireNonNull(threads, "threads");
    this.nanoTime = Objects.requireNonNull(nanoTime, "nanoTime");
  }

  /**
   * Makes the protocols from the socket up to fragmentation, lowest first, with peers looked up
   * where the supplier says.
   *
   * @param peers where peers may be; asked before every look, also unresolved names
   */
  public List<Protocol> protocols(Supplier<List<InetSocketAddress>> peers) {
    return protocols(new PeerDiscovery(peers), List.of());
  }

  /**
   * Makes the protocols from the socket up to fragmentation, lowest first.
   *
   * @param discovery how peers are found; its own
   * @param aboveSocket what stands right above the socket and below everything else
   */
  public List<Protocol> protocols(Discovery discovery, List<Protocol> aboveSocket) {
    List<Protocol> protocols = new ArrayList<>();
    protocols.add(socket());
    protocols.addAll(aboveSocket);
    protocols.add(discovery);
    protocols.add(
        new MERGE3()
            .setMinInterval(Math.max(1, options.merge.toMillis() / 3))
            .setMaxInterval(options.merge.toMillis())
            .setCheckInterval(options.merge.toMillis() * 2));
    protocols.add(
        new FD_ALL3()
            .setTimeout(options.silence.toMillis())
            .setInterval(Math.max(1, options.silence.toMillis() / 4)));
    protocols.add(new VERIFY_SUSPECT2().setTimeout(options.verification.toMillis()));
    protocols.add(new NAKACK2().useMcastXmit(false));
    protocols.add(new UNICAST3());
    protocols.add(new STABLE().setDesiredAverageGossip(30_000).setMaxBytes(CREDIT_BYTES));
    if (security instanceof Security.Mutual mutual) {
      protocols.add(proving(mutual.proofs(), mutual.purpose()));
    } else if (security instanceof Security.Proven proven) {
      protocols.add(proving(proven.proofs(), proven.purpose()));
    }
    protocols.add(
        new GMS()
            .setJoinTimeout(JOIN_MILLIS)
            .setMaxJoinAttempts(MOST_JOIN_ATTEMPTS)
            .printLocalAddress(false));
    protocols.add(new UFC().setMaxCredits(CREDIT_BYTES));
    protocols.add(new MFC().setMaxCredits(CREDIT_BYTES));
    protocols.add(new FRAG4().setFragSize(FRAGMENT_BYTES));
    return protocols;
  }

  private static Protocol proving(JoinProofs proofs, String purpose) {
    ProofToken token = new ProofToken(proofs, purpose);
    AUTH auth = new AUTH();
    token.setAuth(auth);
    return auth.setAuthToken(token);
  }

  /**
   * Makes a channel of protocols, lowest first, that is not connected.
   *
   * <p>It answers no probes: JGroups by itself listens to a multicast group in plain text and tells
   * whoever asks there who is in the cluster, and more; and it lets them change settings.
   *
   * <p>It has a thread for each peer that it sends to, so that one that takes nothing holds nobody
   * up. The single thread that JGroups 5.5 has by default counts what waits for a peer that leaves,
   * never counts it off, and then looks for it for ever, on a whole processor.
   *
   * @throws Exception if a protocol cannot be set up
   */
  public static JChannel channel(List<Protocol> protocols) throws Exception {
    JChannel channel = new JChannel(protocols);
    channel.getProtocolStack().getTransport().getDiagnosticsHandler().setEnabled(false);
    if (channel.getProtocolStack().getTransport().getBundler() instanceof BaseBundler bundler) {
      Bundler unused = bundler.useSingleSenderThread(false);
    }
    return channel;
  }

  /** Closes a channel and all its threads, whether it ever was connected or not. */
  public static void close(JChannel channel) {
    ProtocolStack stack = channel.getProtocolStack();
    Bundler bundler = stack == null ? null : stack.getTransport().getBundler();
    channel.close();
    if (bundler != null) {
      // A message that was sent while the bundler stopped began a thread of its own for its
      // destination, which nobody would stop.
      bundler.stop();
    }
  }

  private TCP socket() {
    TCP tcp = new TCP();
    tcp.tcpNodelay(true)
        .enableSuspectEvents(true)
        .setSockConnTimeout(CONNECT_MILLIS)
        .setMaxLength(LONGEST_FRAME);
    tcp.setBindAddress(options.bind.getAddress());
    tcp.setBindPort(options.bind.getPort());
    tcp.setPortRange(0);
    tcp.setClientBindAddr(options.bind.getAddress());
    tcp.logDetails(false);
    options.external.ifPresent(
        external -> {
          InetAddress address = external.getAddress();
          tcp.setExternalAddr(address);
          tcp.setExternalPort(external.getPort());
        });
    tcp.getThreadPool().setMaxThreads(MOST_THREADS);
    if (security instanceof Security.Mutual mutual) {
      tcp.setSocketFactory(new TlsSockets(mutual.material(), threads, nanoTime).factory());
    }
    return tcp;
  }
}
