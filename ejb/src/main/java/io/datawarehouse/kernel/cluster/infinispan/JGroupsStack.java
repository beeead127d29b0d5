package io.datawarehouse.kernel.cluster.infinispan;

import io.datawarehouse.kernel.jgroups.ClusterTransport;
import io.datawarehouse.kernel.trust.JoinProofs;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jgroups.JChannel;
import org.jgroups.protocols.AUTH;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FRAG4;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.MFC;
import org.jgroups.protocols.PerDestinationBundler;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.UFC;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.Protocol;
import org.jgroups.util.DefaultSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Builds the stack of protocols that members speak.
 *
 * <p>There is no FD_SOCK2: it listens on a port of its own that knows no TLS and tells whoever
 * connects the cluster's name. Instead the transport itself suspects a member when the connection
 * to it breaks; members send each other heartbeats over these connections, so that there always is
 * one.
 */
final class JGroupsStack {

  private static final int CONNECT_MILLIS = 500;
  private static final int FIRST_WORD_MILLIS = 2_000;
  private static final int SEARCHES = 6;
  private static final int HEARTBEATS = 5;
  private static final int MOST_JOIN_ATTEMPTS = 5;
  private static final int LONGEST_MESSAGE = 8 << 20;

  /** How many times as long as it takes to be DEAD an address stays that nobody is at. */
  private static final int STALE = 4;

  private static final int FRAGMENT = 60_000;
  private static final long CREDITS = 4 << 20;

  private final ClusterOptions options;
  private final JoinProofs proofs;
  private final LongSupplier nanoTime;

  JGroupsStack(ClusterOptions options, JoinProofs proofs, LongSupplier nanoTime) {
    this.options = options;
    this.proofs = proofs;
    this.nanoTime = nanoTime;
  }

  /**
   * Makes a channel that is not connected yet.
   *
   * @param sockets what makes its sockets; null for plain ones
   * @param book where nodes find each other
   */
  JChannel channel(NodeTag self, @Nullable DefaultSocketFactory sockets, AddressBook book)
      throws Exception {
    ClusterOptions.Timing timing = options.timing();
    List<Protocol> protocols = new ArrayList<>();
    protocols.add(transport(sockets));
    protocols.add(discovery(book));
    protocols.add(
        new MERGE3()
            .setValue("max_interval", timing.merge().toMillis())
            .setValue("min_interval", timing.merge().toMillis() / 3));
    protocols.add(
        new FD_ALL3()
            .setInterval(timing.silence().toMillis() / HEARTBEATS)
            .setTimeout(timing.silence().toMillis()));
    protocols.add(new VERIFY_SUSPECT2().setTimeout(timing.verify().toMillis()));
    protocols.add(new NAKACK2().useMcastXmit(false).setXmitInterval(200));
    protocols.add(new UNICAST3().setXmitInterval(200).setConnCloseTimeout(5_000));
    protocols.add(new STABLE().setDesiredAverageGossip(5_000).setMaxBytes(1 << 20));
    protocols.add(auth());
    protocols.add(
        new GMS()
            .setJoinTimeout(timing.search().toMillis())
            .setMaxJoinAttempts(MOST_JOIN_ATTEMPTS)
            .setLeaveTimeout(1_000)
            .setMergeTimeout(5_000)
            .setViewAckCollectionTimeout(2_000)
            .printLocalAddress(false)
            .printPhysicalAddress(false));
    protocols.add(new UFC().setMaxCredits(CREDITS).setMinThreshold(0.4));
    protocols.add(new MFC().setMaxCredits(CREDITS).setMinThreshold(0.4));
    protocols.add(new FRAG4().setFragSize(FRAGMENT));
    JChannel channel = ClusterTransport.channel(protocols);
    channel.setName(self.id().value());
    channel.addAddressGenerator(new TaggedAddresses(self));
    return channel;
  }

  private Protocol transport(@Nullable DefaultSocketFactory sockets) throws Exception {
    TCP transport = new TCP();
    transport.setBindAddress(options.bind());
    transport.setBindPort(options.firstPort());
    transport.setPortRange(options.firstPort() == 0 ? 0 : options.ports() - 1);
    transport.tcpNodelay(true);
    transport.setSockConnTimeout(CONNECT_MILLIS);
    transport.setPeerAddrReadTimeout(FIRST_WORD_MILLIS);
    transport.setMaxLength(LONGEST_MESSAGE);
    transport.logDetails(false);
    transport.enableSuspectEvents(true);
    transport.getThreadPool().setMinThreads(1).setMaxThreads(options.threads());
    transport.useVirtualThreads(false);
    // A thread for each destination: one that is frozen does not hold up what goes to others.
    transport.setBundler(new PerDestinationBundler().useSingleSenderThread(false));
    if (sockets != null) {
      transport.setSocketFactory(sockets);
    }
    return transport;
  }

  private Protocol discovery(AddressBook book) {
    BookDiscovery asking =
        new BookDiscovery(book, options.timing().deadAfter().multipliedBy(STALE), nanoTime);
    asking.asyncDiscoveryUseSeparateThread(true);
    // Whoever starts at the same moment is found by a later search.
    return asking.setValue("num_discovery_runs", SEARCHES).setValue("async_discovery", true);
  }

  private Protocol auth() {
    ProofToken.register();
    ProofToken token = new ProofToken(proofs);
    AUTH auth = new AUTH();
    token.setAuth(auth);
    return auth.setAuthToken(token);
  }
}
