package io.datawarehouse.kernel.cluster.infinispan;

import io.datawarehouse.sdk.cluster.NodeId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/**
 * A row for each node in a table of a database. Thread-safe. Statements are of the kind that every
 * database understands; the name of the table is checked by {@link Discovery.Database}.
 */
final class DatabaseBook implements AddressBook {

  private static final System.Logger LOG = System.getLogger(DatabaseBook.class.getName());

  private static final int LIMIT_SECONDS = 5;

  private final DataSource source;
  private final String table;
  private final String cluster;
  private final NodeId self;

  DatabaseBook(Discovery.Database database, String cluster, NodeId self) {
    this.source = database.source();
    this.table = database.table();
    this.cluster = cluster;
    this.self = self;
  }

  @Override
  public void write(InetSocketAddress own) throws IOException {
    try (Connection connection = source.getConnection()) {
      createTable(connection);
      boolean automatic = connection.getAutoCommit();
      connection.setAutoCommit(false);
      try {
        delete(connection);
        insert(connection, own);
        connection.commit();
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(automatic);
      }
    } catch (SQLException e) {
      throw new IOException("the address cannot be written to table " + table, e);
    }
  }

  @Override
  public List<InetSocketAddress> read() throws IOException {
    String query = "SELECT host, port FROM " + table + " WHERE cluster_name = ?";
    try (Connection connection = source.getConnection();
        PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setQueryTimeout(LIMIT_SECONDS);
      statement.setString(1, cluster);
      List<InetSocketAddress> addresses = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          addresses.add(
              new InetSocketAddress(InetAddress.getByName(rows.getString(1)), rows.getInt(2)));
        }
      }
      return addresses;
    } catch (SQLException e) {
      throw new IOException("addresses cannot be read from table " + table, e);
    }
  }

  @Override
  public void clear() throws IOException {
    try (Connection connection = source.getConnection()) {
      delete(connection);
      if (!connection.getAutoCommit()) {
        connection.commit();
      }
    } catch (SQLException e) {
      throw new IOException("the address cannot be taken out of table " + table, e);
    }
  }

  /** Not every database knows a way to say that the table may be there already. */
  private void createTable(Connection connection) throws SQLException {
    try (ResultSet found =
        connection.getMetaData().getTables(connection.getCatalog(), null, null, null)) {
      while (found.next()) {
        if (table.equalsIgnoreCase(found.getString("TABLE_NAME"))) {
          return;
        }
      }
    }
    try (Statement statement = connection.createStatement()) {
      statement.setQueryTimeout(LIMIT_SECONDS);
      statement.executeUpdate(
          "CREATE TABLE "
              + table
              + " (cluster_name VARCHAR(100) NOT NULL, node VARCHAR(64) NOT NULL,"
              + " host VARCHAR(255) NOT NULL, port INTEGER NOT NULL,"
              + " PRIMARY KEY (cluster_name, node))");
    } catch (SQLException e) {
      // Another node may have been quicker; if not, the insert says so.
      LOG.log(System.Logger.Level.DEBUG, "table " + table + " was not made", e);
    }
  }

  private void delete(Connection connection) throws SQLException {
    String delete = "DELETE FROM " + table + " WHERE cluster_name = ? AND node = ?";
    try (PreparedStatement statement = connection.prepareStatement(delete)) {
      statement.setQueryTimeout(LIMIT_SECONDS);
      statement.setString(1, cluster);
      statement.setString(2, self.value());
      statement.executeUpdate();
    }
  }

  private void insert(Connection connection, InetSocketAddress own) throws SQLException {
    String insert =
        "INSERT INTO " + table + " (cluster_name, node, host, port) VALUES (?, ?, ?, ?)";
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      statement.setQueryTimeout(LIMIT_SECONDS);
      statement.setString(1, cluster);
      statement.setString(2, self.value());
      statement.setString(3, own.getAddress().getHostAddress());
      statement.setInt(4, own.getPort());
      statement.executeUpdate();
    }
  }
}
