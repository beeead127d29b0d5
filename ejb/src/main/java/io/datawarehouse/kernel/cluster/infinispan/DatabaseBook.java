package io.datawarehouse.kernel.cluster.infinispan;

import io.datawarehouse.sdk.cluster.NodeId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
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
  private volatile boolean made;

  DatabaseBook(Discovery.Database database, String cluster, NodeId self) {
    this.source = database.source();
    this.table = database.table();
    this.cluster = cluster;
    this.self = self;
  }

  @Override
  public void write(InetSocketAddress own) throws IOException {
    try (Connection connection = source.getConnection()) {
      requireTable(connection);
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
      throw failure("the address cannot be written to", e);
    }
  }

  @Override
  public List<InetSocketAddress> read() throws IOException {
    String query = "SELECT host, port FROM " + table + " WHERE cluster_name = ?";
    try (Connection connection = source.getConnection()) {
      requireTable(connection);
      try (PreparedStatement statement = connection.prepareStatement(query)) {
        statement.setQueryTimeout(LIMIT_SECONDS);
        statement.setString(1, cluster);
        return placesIn(statement);
      }
    } catch (SQLException e) {
      throw failure("addresses cannot be read from", e);
    }
  }

  private static List<InetSocketAddress> placesIn(PreparedStatement statement) throws SQLException {
    List<InetSocketAddress> places = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        String host = rows.getString(1);
        int port = rows.getInt(2);
        try {
          places.add(new InetSocketAddress(InetAddress.getByName(host), port));
        } catch (UnknownHostException | IllegalArgumentException e) {
          LOG.log(System.Logger.Level.WARNING, "a row names no place: {0} port {1}", host, port);
        }
      }
    }
    return places;
  }

  @Override
  public boolean remove(InetSocketAddress place) throws IOException {
    String delete = "DELETE FROM " + table + " WHERE cluster_name = ? AND host = ? AND port = ?";
    try (Connection connection = source.getConnection();
        PreparedStatement statement = connection.prepareStatement(delete)) {
      statement.setQueryTimeout(LIMIT_SECONDS);
      statement.setString(1, cluster);
      statement.setString(2, place.getAddress().getHostAddress());
      statement.setInt(3, place.getPort());
      boolean removed = statement.executeUpdate() > 0;
      commit(connection);
      return removed;
    } catch (SQLException e) {
      throw failure("an address cannot be taken out of", e);
    }
  }

  private static void commit(Connection connection) throws SQLException {
    if (!connection.getAutoCommit()) {
      connection.commit();
    }
  }

  private IOException failure(String what, SQLException e) {
    return new IOException(
        "%s table %s: %s"
            .formatted(what, table, String.valueOf(e.getMessage()).replaceAll("\\s+", " ")),
        e);
  }

  @Override
  public boolean complete() {
    return true;
  }

  @Override
  public void clear() throws IOException {
    try (Connection connection = source.getConnection()) {
      delete(connection);
      commit(connection);
    } catch (SQLException e) {
      throw failure("the address cannot be taken out of", e);
    }
  }

  private void requireTable(Connection connection) throws SQLException {
    if (!made) {
      if (!hasTable(connection)) {
        createTable(connection);
      }
      made = true;
    }
  }

  /** Looks where names without a schema are looked for: another one may have such a table too. */
  private boolean hasTable(Connection connection) throws SQLException {
    try (ResultSet found =
        connection
            .getMetaData()
            .getTables(connection.getCatalog(), connection.getSchema(), null, null)) {
      while (found.next()) {
        if (table.equalsIgnoreCase(found.getString("TABLE_NAME"))) {
          return true;
        }
      }
    }
    return false;
  }

  /** Not every database knows a way to say that the table may be there already. */
  private void createTable(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setQueryTimeout(LIMIT_SECONDS);
      statement.executeUpdate(
          "CREATE TABLE "
              + table
              + " (cluster_name VARCHAR(100) NOT NULL, node VARCHAR(64) NOT NULL,"
              + " host VARCHAR(255) NOT NULL, port INTEGER NOT NULL,"
              + " PRIMARY KEY (cluster_name, node))");
      commit(connection);
    } catch (SQLException e) {
      // Another node may have been quicker; if not, the next statement says so.
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
