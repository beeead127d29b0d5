package io.datawarehouse.kernel.cluster.infinispan;

import java.util.List;
import javax.sql.DataSource;
import org.infinispan.remoting.transport.jgroups.JGroupsChannelConfigurator;
import org.jgroups.JChannel;
import org.jgroups.conf.ProtocolConfiguration;
import org.jgroups.util.SocketFactory;

/**
 * Hands Infinispan a channel that was made already. A transport that is made with a channel would
 * not do: the cache manager copies its configuration and makes another with a stack of its own.
 * Immutable.
 */
record ReadyChannel(JChannel channel) implements JGroupsChannelConfigurator {

  @Override
  public String getName() {
    return "datawarehouse";
  }

  @Override
  public JChannel createChannel(String name) {
    return channel;
  }

  @Override
  public void setSocketFactory(SocketFactory socketFactory) {
    throw new UnsupportedOperationException("the channel has its sockets");
  }

  @Override
  public void setDataSource(DataSource dataSource) {
    throw new UnsupportedOperationException("the channel has what it needs");
  }

  @Override
  public String getProtocolStackString() {
    return channel.getProtocolStack().printProtocolSpec(false);
  }

  @Override
  public List<ProtocolConfiguration> getProtocolStack() {
    return List.of();
  }
}
