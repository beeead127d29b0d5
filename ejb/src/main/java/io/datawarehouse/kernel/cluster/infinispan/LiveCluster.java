package io.datawarehouse.kernel.cluster.infinispan;

import io.datawarehouse.kernel.jgroups.ClusterTransport;
import io.datawarehouse.sdk.cluster.NodeId;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.infinispan.AdvancedCache;
import org.infinispan.commons.CacheException;
import org.infinispan.commons.util.CloseableIterator;
import org.infinispan.configuration.cache.CacheMode;
import org.infinispan.configuration.cache.Configuration;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.configuration.global.ShutdownHookBehavior;
import org.infinispan.container.entries.CacheEntry;
import org.infinispan.context.Flag;
import org.infinispan.factories.threads.CoreExecutorFactory;
import org.infinispan.manager.DefaultCacheManager;
import org.infinispan.manager.EmbeddedCacheManager;
import org.infinispan.partitionhandling.PartitionHandling;
import org.infinispan.remoting.transport.jgroups.JGroupsTransport;
import org.jgroups.Address;
import org.jgroups.Event;
import org.jgroups.JChannel;
import org.jgroups.View;
import org.jgroups.stack.IpAddress;

/**
 * A node's place in a cluster from joining to leaving: channel, cache manager, cache. Thread-safe.
 */
final class LiveCluster implements RecordCache {

  private static final String CACHE = "records";
  private static final int BLOCKING_THREADS = 16;
  private static final int BLOCKING_QUEUE = 1_000;
  private static final int REMOTE_SECONDS = 5;
  private static final int TRANSFER_SECONDS = 20;

  private final JChannel channel;
  private final EmbeddedCacheManager manager;
  private final AdvancedCache<String, String> cache;

  private LiveCluster(
      JChannel channel, EmbeddedCacheManager manager, AdvancedCache<String, String> cache) {
    this.channel = channel;
    this.manager = manager;
    this.cache = cache;
  }

  /**
   * Connects a channel and starts what stands on it; closes all of it if that fails.
   *
   * @param views told of every change of the view
   * @param entries told of every entry
   * @throws CacheException if it cannot be connected; a {@link SecurityException} is among the
   *     causes where the cluster refused
   */
  static LiveCluster start(
      JChannel channel,
      String clusterName,
      ClassLoader classLoader,
      ClusterEvents.Views views,
      ClusterEvents.Entries entries) {
    GlobalConfigurationBuilder global = new GlobalConfigurationBuilder();
    global.classLoader(classLoader);
    global.cacheManagerName(clusterName);
    global.jmx().disable();
    global.metrics().gauges(false).histograms(false);
    global.shutdown().hookBehavior(ShutdownHookBehavior.DONT_REGISTER);
    global.globalState().disable();
    global
        .blockingThreadPool()
        .threadPoolFactory(
            CoreExecutorFactory.executorFactory(BLOCKING_THREADS, BLOCKING_QUEUE, false));
    global
        .transport()
        .defaultTransport()
        .addProperty(JGroupsTransport.CHANNEL_CONFIGURATOR, new ReadyChannel(channel))
        .clusterName(clusterName)
        .nodeName(channel.getName())
        .distributedSyncTimeout(TRANSFER_SECONDS, TimeUnit.SECONDS);
    EmbeddedCacheManager manager = new DefaultCacheManager(global.build(), false);
    try {
      manager.start();
      if (!channel.isConnected()) {
        throw new IllegalStateException("Infinispan did not take the channel that it was given");
      }
      manager.addListener(views);
      manager.defineConfiguration(CACHE, replicated());
      AdvancedCache<String, String> cache =
          manager.<String, String>getCache(CACHE).getAdvancedCache();
      cache.addListener(entries);
      return new LiveCluster(channel, manager, cache.withFlags(Flag.IGNORE_RETURN_VALUES));
    } catch (RuntimeException e) {
      manager.stop();
      ClusterTransport.close(channel);
      throw e;
    }
  }

  private static Configuration replicated() {
    ConfigurationBuilder builder = new ConfigurationBuilder();
    builder
        .clustering()
        .cacheMode(CacheMode.REPL_SYNC)
        .remoteTimeout(REMOTE_SECONDS, TimeUnit.SECONDS);
    builder
        .clustering()
        .stateTransfer()
        .fetchInMemoryState(true)
        .awaitInitialTransfer(false)
        .timeout(TRANSFER_SECONDS, TimeUnit.SECONDS);
    builder.clustering().partitionHandling().whenSplit(PartitionHandling.ALLOW_READ_WRITES);
    builder.statistics().disable();
    return builder.build();
  }

  JChannel channel() {
    return channel;
  }

  /** Returns which runs of which nodes are in the view. */
  Set<NodeTag> present() {
    View view = channel.getView();
    Set<NodeTag> tags = new HashSet<>();
    if (view != null) {
      for (Address member : view.getMembersRaw()) {
        NodeTag.of(member).ifPresent(tags::add);
      }
    }
    return tags;
  }

  /** Returns the other runs of a node that are in the view. */
  Set<NodeTag> others(NodeId node) {
    View view = channel.getView();
    Set<NodeTag> tags = new HashSet<>();
    if (view != null) {
      for (Address member : view.getMembersRaw()) {
        if (!member.equals(channel.getAddress())) {
          NodeTag.of(member).filter(tag -> tag.id().equals(node)).ifPresent(tags::add);
        }
      }
    }
    return tags;
  }

  /** Returns whether this node coordinates the view. */
  boolean coordinates() {
    View view = channel.getView();
    return view != null && view.getCoord().equals(channel.getAddress());
  }

  /** Returns where a node's channel can be reached, if that is known. */
  Optional<InetSocketAddress> addressOf(NodeId node) {
    View view = channel.getView();
    if (view == null) {
      return Optional.empty();
    }
    for (Address member : view.getMembersRaw()) {
      if (NodeTag.of(member).filter(tag -> tag.id().equals(node)).isPresent()
          && channel.down(new Event(Event.GET_PHYSICAL_ADDRESS, member)) instanceof IpAddress ip) {
        return Optional.of(new InetSocketAddress(ip.getIpAddress(), ip.getPort()));
      }
    }
    return Optional.empty();
  }

  @Override
  public CompletionStage<?> put(String key, String value) {
    return cache.putAsync(key, value);
  }

  @Override
  public CompletionStage<?> remove(String key) {
    return cache.removeAsync(key);
  }

  @Override
  public Map<String, String> local() {
    Map<String, String> entries = new HashMap<>();
    AdvancedCache<String, String> local = cache.withFlags(Flag.CACHE_MODE_LOCAL);
    try (CloseableIterator<CacheEntry<String, String>> each = local.cacheEntrySet().iterator()) {
      while (each.hasNext()) {
        CacheEntry<String, String> entry = each.next();
        entries.put(entry.getKey(), entry.getValue());
      }
    }
    return entries;
  }

  /** Leaves the channel and stops all of it. */
  void stop() {
    manager.stop();
    ClusterTransport.close(channel);
  }
}
