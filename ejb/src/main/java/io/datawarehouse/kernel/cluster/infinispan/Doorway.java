package io.datawarehouse.kernel.cluster.infinispan;

import io.datawarehouse.kernel.jgroups.TlsSockets;
import io.datawarehouse.kernel.storage.DurableFiles;
import io.datawarehouse.sdk.cluster.JoinRequest;
import io.datawarehouse.sdk.cluster.JoinResult;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.infinispan.commons.CacheException;
import org.jgroups.JChannel;
import org.jspecify.annotations.Nullable;

/** One attempt to get into a cluster. Confined to the thread that makes it. */
final class Doorway {

  private final JoinRequest request;
  private final NodeTag self;
  private final ClusterOptions options;
  private final Surroundings surroundings;
  private final @Nullable TlsSockets sockets;
  private final AddressBook book;

  Doorway(JoinRequest request, NodeTag self, ClusterOptions options, Surroundings surroundings) {
    this.request = request;
    this.self = self;
    this.options = options;
    this.surroundings = surroundings;
    this.sockets =
        options.security() instanceof TransportSecurity.MutualTls tls
            ? new TlsSockets(tls.material(), surroundings.threads(), surroundings.nanoTime())
            : null;
    this.book = newBook();
  }

  /** The cluster does not want the node. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient JoinResult.Refused refusal;

    RefusedException(JoinResult.Refused refusal, Throwable cause) {
      super(refusal.detail(), cause);
      this.refusal = refusal;
    }

    JoinResult.Refused refusal() {
      return refusal;
    }
  }

  LiveCluster open(ClusterEvents.Views views, ClusterEvents.Entries entries) throws Exception {
    JGroupsStack stack = new JGroupsStack(options, surroundings.proofs(), surroundings.nanoTime());
    JChannel channel;
    try {
      channel = stack.channel(self, sockets == null ? null : sockets.factory(), book);
    } catch (Exception e) {
      book.clear();
      throw e;
    }
    try {
      return LiveCluster.start(
          channel, request.clusterName(), surroundings.classLoader(), views, entries);
    } catch (CacheException e) {
      if (hasCause(e, SecurityException.class)) {
        throw new RefusedException(
            new JoinResult.Refused(
                JoinResult.Cause.NOT_ADMITTED,
                "the cluster does not take this node's proof of the join token"),
            e);
      }
      throw e;
    }
  }

  private static boolean hasCause(Throwable e, Class<?> type) {
    for (Throwable at = e; at != null; at = at.getCause()) {
      if (type.isInstance(at)) {
        return true;
      }
    }
    return false;
  }

  private AddressBook newBook() {
    Discovery way = options.discovery();
    if (way instanceof Discovery.Addresses addresses) {
      List<String> hosts = new ArrayList<>(addresses.hosts());
      hosts.addAll(request.seeds());
      return new FixedAddresses(hosts, options.firstPort(), options.ports());
    }
    if (way instanceof Discovery.Directory directory) {
      return new DirectoryBook(directory.path(), self.id());
    }
    if (way instanceof Discovery.Database database) {
      return new DatabaseBook(database, request.clusterName(), self.id());
    }
    if (way instanceof Discovery.Dns dns) {
      return new DnsBook(dns, new NameServers(dns.servers()), options.firstPort(), options.ports());
    }
    if (way instanceof Discovery.Multicast multicast) {
      return new MulticastBook(multicast, options.bind(), surroundings.notes(), surroundings);
    }
    throw new IllegalStateException("no way to find others: " + way);
  }

  /**
   * Looks whether the place can be read where nodes find each other: a node that cannot look must
   * not think that nobody is there.
   *
   * @return why not; empty where it can
   */
  Optional<String> blindness() {
    try {
      List<?> unused = book.read();
      return Optional.empty();
    } catch (FileSystemException e) {
      return Optional.of("'" + e.getFile() + "': " + DurableFiles.reason(e));
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      return Optional.of(e.toString());
    }
  }

  /**
   * Returns whether the node is alone because those that it was told to ask have another authority:
   * founding a cluster of its own beside them is not what anybody wants.
   */
  Optional<JoinResult.Refused> refusal(LiveCluster found) {
    boolean refused =
        sockets != null
            && (options.discovery() instanceof Discovery.Addresses
                || options.discovery() instanceof Discovery.Dns)
            && sockets.refusedServers() > 0
            && found.present().size() <= 1;
    return refused
        ? Optional.of(
            new JoinResult.Refused(
                JoinResult.Cause.NOT_ADMITTED,
                "the nodes at the given addresses have certificates of another authority:"
                    + " is the join token the right one?"))
        : Optional.empty();
  }
}
